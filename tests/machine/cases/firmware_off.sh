# SPDX-License-Identifier: MIT
# Virtualization that the firmware has disabled: it has locked IA32_FEATURE_CONTROL without VMX.
# machines: intel
# smp: 2
# firmware: no-vmx
# launch: no
# modules: msr
. /bf/lib.sh

check "bfm check fails" sh -c '! bfm check >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "it names the cause" 'IA32_FEATURE_CONTROL|disabled'
says "it names the remedy" 'firmware|BIOS'
load_driver
check "load" bfm load /bf/minimal.elf
check "start fails" sh -c '! bfm start >/tmp/start.out 2>&1'
cp /tmp/start.out /tmp/check.out
says "the error names the cause" 'IA32_FEATURE_CONTROL'
says "the error names the remedy" 'firmware|BIOS'
equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
check "the machine goes on: unload" bfm unload
