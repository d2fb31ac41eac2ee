# SPDX-License-Identifier: MIT
# Where CPUs may call each other, NMIs exit and are injected: the guest gets each of its own as on
# the bare machine.
# machines: amd intel amd-bochs
# long: intel
# smp: 2
# vmm: test_calls
# test-modules: bf_probe
# compare: bare
# filter: /^nmi/!d
# timeout: amd=240 intel=600 amd-bochs=600
insmod /bf/bf_probe.ko cpu=1 hazards=0 invd=0 &&
	cat /proc/bf_probe &&
	rmmod bf_probe
