# SPDX-License-Identifier: MIT
# Ordinary heavy work under the VMM.
# machines: amd
# long: amd
# smp: 4
# memory: 1536
# host-programs: stress-ng
# timeout: 900
. /bf/lib.sh

for stressor in cpu vm fork switch timer mmap signal; do
	ops=400
	case $stressor in
	cpu) ops=20 ;;
	vm | mmap) ops=8 ;;
	fork) ops=200 ;;
	switch | timer | signal) ops=2000 ;;
	esac
	check "stress-ng --$stressor 4 ($ops operations each)" \
		stress-ng --$stressor 4 --$stressor-ops $ops --vm-bytes 32M --timeout 120s \
		--temp-path /tmp
done
equal "all CPUs are still under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
