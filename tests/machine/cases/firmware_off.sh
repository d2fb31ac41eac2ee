# SPDX-License-Identifier: MIT
# Virtualization that the firmware has disabled: here by setting VM_CR.SVMDIS as firmware does.
# machines: amd-bochs
# launch: no
# modules: msr
. /bf/lib.sh

vm_cr=$((0xc0010114))
printf '\020\000\000\000\000\000\000\000' |
	dd of=/dev/cpu/0/msr bs=8 seek=$((vm_cr)) oflag=seek_bytes conv=notrunc 2>/tmp/dd.out
check "bfm check fails" sh -c '! bfm check >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "it names the cause" 'SVMDIS|disabled'
says "it names the remedy" 'firmware|BIOS'
load_driver
check "load" bfm load /bf/minimal.elf
check "start fails" sh -c '! bfm start >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "the error names the cause" 'SVMDIS'
says "the error names the remedy" 'firmware|BIOS'
equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
check "unload" bfm unload
