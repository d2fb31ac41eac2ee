# SPDX-License-Identifier: MIT
# What user space sees in the cases that a hypervisor is apt to get wrong, bare and under the VMM.
# machines: amd intel amd-bochs
# smp: 1
# compare: bare
# filter: /^hv-/d;/^virt-/d
# programs: behave
# kernel-log: any
# timeout: amd=180 intel=500 amd-bochs=500

behave
