# SPDX-License-Identifier: MIT
# A CPU that fails to start takes all others back with it, and says why.
# machines: amd intel
# smp: 2
# launch: no
# programs: hvid
. /bf/lib.sh

load_driver
for cpu in 0 1; do
	check "load with a failure injected on CPU $cpu" \
		bfm load /bf/minimal.elf --args "fail_cpu=$cpu"
	check "start fails" sh -c '! bfm start >/tmp/start.out 2>&1'
	cp /tmp/start.out /tmp/check.out
	says "the error names CPU $cpu" "CPU $cpu"
	says "the error names the cause" 'fail_cpu'
	says "the error names the remedy" 'drop the option'
	equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
	check "all CPUs are bare" sh -c '! hvid --expect HelloMinimal'
	check "unload" bfm unload
done
check "the machine goes on: a start without the failure" bfm quick /bf/minimal.elf
check "CPUID shows the VMM on every CPU" hvid --expect HelloMinimal
check "stop" bfm stop
check "unload" bfm unload
