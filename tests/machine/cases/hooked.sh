# SPDX-License-Identifier: MIT
# With every typed hook there is, over its whole range, all of which pass: instructions do what they
# do on the bare machine.
# machines: amd intel
# smp: amd=2 intel=1
# vmm: all_hooks
# programs: behave
# modules: msr
# compare: bare
# filter: /^\(hv\|virt\)-/d
# timeout: amd=400 intel=900
behave
