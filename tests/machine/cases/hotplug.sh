# SPDX-License-Identifier: MIT
# Every CPU but the first goes offline and comes back while the VMM runs.
# machines: amd intel
# smp: amd=4 intel=2
# programs: hvid
# timeout: amd=180 intel=500

. /bf/lib.sh
all=$(online_cpus)
equal "all CPUs are under the VMM" "$(cpus_under_vmm)" "$all"
for cpu in /sys/devices/system/cpu/cpu[1-9]*; do
	name=${cpu##*/}
	check "$name goes offline" sh -c "echo 0 >$cpu/online"
	equal "the VMM has one CPU less" "$(cpus_under_vmm)" "$((all - 1))"
	check "$name comes back" sh -c "echo 1 >$cpu/online"
	equal "the VMM has all CPUs again" "$(cpus_under_vmm)" "$all"
done
check "every CPU names the VMM" hvid --expect HelloMinimal
