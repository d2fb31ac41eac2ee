# SPDX-License-Identifier: MIT
# A CPU of another vendor's emulator with neither VT-x nor AMD-V.
# machines: intel
# cpu: athlon64_clawhammer
# launch: no

. /bf/lib.sh
load_driver
fails "bfm check says that the machine is not fit" 69 bfm check
says "it names what is missing" "neither VMX nor SVM"
says "it names a remedy" "remedy:"
check "load" bfm load /bf/minimal.elf
check "start fails" sh -c '! bfm start >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "the error names the cause" 'neither'
equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
check "unload" bfm unload
