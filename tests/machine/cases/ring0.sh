# SPDX-License-Identifier: MIT
# What instructions do in ring 0: the same bare and under the VMM, but for what says that there is a
# VMM. Where several CPUs run, the last one is probed. QEMU does not get through the hazards bare.
# machines: amd intel amd-bochs
# smp: amd=2 intel=1 amd-bochs=2
# vmm: minimal
# test-modules: bf_probe
# compare: bare
# filter: /^\(hv\|virt\)-/d
# timeout: amd=240 intel=600 amd-bochs=600
hazards=1
grep -q 'QEMU\|EPYC' /proc/cpuinfo && hazards=0
insmod /bf/bf_probe.ko cpu=$(($(nproc) - 1)) hazards=$hazards invd=1 &&
	cat /proc/bf_probe &&
	rmmod bf_probe
