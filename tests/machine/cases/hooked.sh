# SPDX-License-Identifier: MIT
# With every typed hook there is, over its whole range, all of which pass: instructions do what they
# do on the bare machine.
# machines: amd intel
# long: intel
# smp: 2
# vmm: all_hooks
# programs: behave
# modules: msr
# compare: bare
# filter: /^\(hv\|virt\)-/d
#
# QEMU arms breakpoints when DR7 is written, not when VMRUN loads it: those that the VMM sets on
# behalf of the guest never hit there. And it lets values pass that the manuals forbid; the VMM does
# not.
# filter-amd: /^\(break\|watch\|shadow\|wrmsr-pat\|wrmsr-kernel-gs-base-not\)-/d
# Bochs drops what is written to reserved bits of IA32_DEBUGCTL; the VMM keeps what a WRMSR of
# its own takes.
# filter-intel: /^wrmsr-debugctl-reserved/d
# timeout: 600
behave
