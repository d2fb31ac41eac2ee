# SPDX-License-Identifier: MIT
# As hooked, for what only ring 0 can do.
# machines: amd
# smp: 2
# vmm: all_hooks
# test-modules: bf_probe
# compare: bare
# filter: /^\(hv\|virt\)-/d
# timeout: 400
insmod /bf/bf_probe.ko cpu=1 hazards=0 invd=1 &&
	cat /proc/bf_probe &&
	rmmod bf_probe
