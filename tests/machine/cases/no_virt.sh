# SPDX-License-Identifier: MIT
# A CPU with neither VT-x nor AMD-V.
# machines: amd
# cpu: EPYC,-svm
# smp: 2
# launch: no
# modules: msr
. /bf/lib.sh

check "bfm check fails" sh -c '! bfm check >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "it names what is missing" 'VT-x|AMD-V|SVM'
load_driver
check "load" bfm load /bf/minimal.elf
check "start fails" sh -c '! bfm start >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "the error names the cause" 'neither'
says "the error names the remedy" 'use a CPU'
equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
check "unload" bfm unload
