# SPDX-License-Identifier: MIT
# Each allocation of a start fails once: the start is refused, and all CPUs stay bare.
# machines: amd intel
# long: intel
# smp: 2
# vmm: broken
# launch: no
# programs: hvid
# timeout: amd=600 intel=1800
. /bf/lib.sh

# refuses N: whether the start with this allocation failing fails, and leaves nothing behind.
refuses() {
	bfm load /bf/broken.elf --args "fail_alloc=$1" >/dev/null || return 1
	if bfm start >/tmp/start.out 2>&1; then
		return 1
	fi
	[ "$(cpus_under_vmm)" = 0 ] || return 1
	grep -q 'page pool is used up\|init function' /tmp/start.out || return 1
	bfm log | grep -q 'fail_alloc: an allocation fails' || return 1
	bfm unload >/dev/null
}

load_driver
n=1
while [ $n -lt 500 ] && refuses $n; do
	n=$((n + 1))
done
[ "$(cpus_under_vmm)" = 2 ] || cat /tmp/start.out
check "$((n - 1)) allocations, each refused once; then it starts" test $n -gt 10
equal "all CPUs are under the VMM" "$(cpus_under_vmm)" 2
check "CPUID shows the VMM on every CPU" hvid --expect BareframeVMM
check "stop" bfm stop
check "unload" bfm unload
