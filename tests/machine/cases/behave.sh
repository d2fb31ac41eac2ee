# SPDX-License-Identifier: MIT
# What instructions do, from user space and through the kernel: the same bare and under the VMM,
# but for what says that there is a VMM.
# machines: amd intel amd-bochs
# smp: 2
# vmm: cpuid_count
# programs: behave
# modules: msr
# compare: bare
# filter: /^\(hv\|virt\)-/d
# timeout: amd=240 intel=600 amd-bochs=600
behave
