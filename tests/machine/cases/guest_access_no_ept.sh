# SPDX-License-Identifier: MIT
# As guest_access, on a CPU without second-level tables: the VMM's memory is out of reach there too.
# machines: intel
# cpu: core2_penryn_t9600
# vmm: guest_access
# programs: guest_access
guest_access
