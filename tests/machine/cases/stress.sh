# SPDX-License-Identifier: MIT
# stress-ng under the VMM on four CPUs.
# machines: amd
# smp: 4
# memory: 1024
# host-programs: stress-ng
# timeout: 400

. /bf/lib.sh
for stressor in cpu vm fork switch timer mmap signal; do
	check "stress-ng --$stressor" stress-ng --$stressor 4 --vm-bytes 32M --mmap-bytes 32M \
		--timeout 8 --metrics-brief --temp-path /tmp
done
