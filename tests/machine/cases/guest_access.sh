# SPDX-License-Identifier: MIT
# A VMM reads and writes a user process by the process's own addresses; what it cannot reach it
# reports as the fault that the CPU would raise, and the kernel takes that fault for one.
# machines: amd intel amd-bochs
# smp: 2
# vmm: guest_access
# programs: guest_access
guest_access
