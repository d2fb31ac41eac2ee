# SPDX-License-Identifier: MIT
# An image with an extension of another major version of the API does not start, and the message
# has both numbers; the extension of version 1.0 that is kept for ever does start.
# machines: amd intel
# vmm: api_v2 frozen_v1
# launch: no
. /bf/lib.sh

load_driver
check "the image of the other version loads" bfm load /bf/api_v2.elf
fails "it does not start" 76 bfm start
says "the message names the extension" 'api_v2'
says "the message has both versions" 'built for API 2\.3, the VMM has 1\.[0-9]+'
equal "no CPU is under the VMM" "$(cpus_under_vmm)" 0
check "it unloads" bfm unload
check "the extension of version 1.0 loads" bfm load /bf/frozen_v1.elf
check "it starts" bfm start
equal "all CPUs are under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
check "the log has it" bfm log
says "with name and version" 'extension ext_v1 1\.0'
check "it stops" bfm stop
check "it unloads too" bfm unload
check "the driver unloads" rmmod bareframe
