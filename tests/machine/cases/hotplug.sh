# SPDX-License-Identifier: MIT
# CPUs go offline and come back while the VMM runs.
# machines: amd intel
# long: intel
# smp: amd=4 intel=2
# memory: amd=1024
# programs: hvid
# timeout: intel=600
. /bf/lib.sh

all=$(online_cpus)
last=$((all - 1))
round=1
while [ $round -le 3 ]; do
	for cpu in $(seq 1 $last); do
		check "CPU $cpu goes offline" \
			sh -c "echo 0 >/sys/devices/system/cpu/cpu$cpu/online"
		equal "the others stay under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
	done
	for cpu in $(seq 1 $last); do
		check "CPU $cpu comes back" \
			sh -c "echo 1 >/sys/devices/system/cpu/cpu$cpu/online"
	done
	equal "all CPUs are under the VMM" "$(cpus_under_vmm)" "$all"
	check "CPUID shows the VMM on every CPU" hvid --expect HelloMinimal
	round=$((round + 1))
done
