# SPDX-License-Identifier: MIT
# The hypervisor that CPUID names, before, under and after the VMM, on every CPU.
# machines: amd intel
# long: intel
# smp: 2
# vmm: minimal
# launch: no
# programs: hvid

. /bf/lib.sh
load_driver
hvid >/tmp/bare.out
check "the VMM is loaded" bfm load /bf/minimal.elf
check "the VMM starts" bfm start
check "every CPU names the VMM's changed vendor" hvid --expect HelloMinimal
check "the VMM stops" bfm stop
hvid >/tmp/after.out
check "CPUID names what it named before" cmp /tmp/bare.out /tmp/after.out
check "the VMM is unloaded" bfm unload
