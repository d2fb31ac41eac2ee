# SPDX-License-Identifier: MIT
# What instructions do, from user space and through the kernel: the same bare and under the VMM,
# but for what says that there is a VMM.
# machines: amd intel amd-bochs
# long: intel
# smp: 2
# vmm: cpuid_count
# programs: behave
# modules: msr
# compare: bare
# filter: /^\(hv\|virt\)-/d
#
# A VMCB has no field for a debug trap that MOV SS holds back: if the next instruction exits, the
# trap is lost. A VMCS has one, and QEMU does not hold the trap back.
# filter-amd-bochs: /^shadow-watch-.*cpuid/d
# timeout: amd=240 intel=600 amd-bochs=600
behave
