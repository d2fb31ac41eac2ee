# SPDX-License-Identifier: MIT
# As hooked, for what only ring 0 can do.
# machines: amd
# smp: 2
# vmm: all_hooks
# test-modules: bf_probe
# compare: bare
# filter: /^\(hv\|virt\)-/d
#
# See hooked.sh on breakpoints.
# filter-amd: /^\(break\|watch\|shadow\)-/d
#
# QEMU lets values pass that the manuals forbid, and knows no general-detect; the VMM does as the
# manuals say.
# filter-amd: /^\(wrmsr-bad\|cr8-write-reserved\|rdpmc-max\)/d
# filter-amd: /^dr\(6-write-all\|7-general-detect\)/d
# timeout: 400
insmod /bf/bf_probe.ko cpu=1 hazards=0 invd=1 &&
	cat /proc/bf_probe &&
	rmmod bf_probe
