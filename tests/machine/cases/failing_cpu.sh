# SPDX-License-Identifier: MIT
# One CPU fails to start (injected): every CPU goes back to the bare machine, and the cause is told.
# machines: amd intel
# smp: amd=4 intel=2
# launch: no
# programs: hvid

. /bf/lib.sh
load_driver
for cpu in 0 1; do
	check "the VMM is loaded with CPU $cpu failing" bfm load /bf/minimal.elf --args fail_cpu=$cpu
	fails "the start fails" 70 bfm start
	says "the failing CPU is named" "CPU $cpu"
	says "the cause is named" "fail_cpu"
	check "every CPU is bare" hvid --expect ""
	equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
	check "the VMM is unloaded" bfm unload
done
check "the VMM is loaded without a fault" bfm load /bf/minimal.elf
check "it starts" bfm start
check "every CPU names it" hvid --expect HelloMinimal
check "it stops" bfm stop
