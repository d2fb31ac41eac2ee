# SPDX-License-Identifier: MIT
# The hypervisor that CPUID names, before, under and after the VMM, on every CPU.
# machines: amd intel
# smp: 2
# vmm: minimal
# launch: no
# programs: hvid

. /bf/lib.sh
check "no hypervisor is named on the bare machine" hvid --expect ""
load_driver
check "the VMM is loaded" bfm load /bf/minimal.elf
check "the VMM starts" bfm start
check "every CPU names the VMM's changed vendor" hvid --expect HelloMinimal
check "the VMM stops" bfm stop
check "no hypervisor is named after the stop" hvid --expect ""
