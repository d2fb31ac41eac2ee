# SPDX-License-Identifier: MIT
# As hooked, for what only ring 0 can do. See there on breakpoints; QEMU knows no general-detect.
# machines: amd intel
# long: intel
# smp: 2
# vmm: all_hooks
# test-modules: bf_probe
# compare: bare
# filter: /^\(hv\|virt\)-/d
# filter-amd: /^\(break-\|watch-\|shadow-\|wrmsr-bad\|cr8-write-r\|dr6-write-a\|dr7-gen\|rdpmc-m\)/d
# timeout: 400
insmod /bf/bf_probe.ko cpu=1 hazards=0 invd=1 &&
	cat /proc/bf_probe &&
	rmmod bf_probe
