# SPDX-License-Identifier: MIT
# bfm stats tells of each extension how often it was called, and what it takes.
# machines: amd intel
# long: intel
# smp: 2
# vmm: broken
# launch: no
# programs: cpuid_loop
. /bf/lib.sh

# column NAME N: of the row of an extension.
column() {
	bfm stats | awk -v name="$1" -v n="$2" '$1 == name { print $n }'
}

# member NAME KEY: of its object in the JSON.
member() {
	bfm stats --json | tr '{}' '\n\n' | grep "\"name\":\"$1\"" | tr ',' '\n' |
		sed -n "s/^\"$2\":\"*\([^\"]*\)\"*$/\1/p"
}

load_driver
check "load" bfm load /bf/broken.elf --args "broken=self_unhook at=post"
check "start" bfm start
equal "a fresh extension is active" "$(column bystander 2)" active
equal "it has its hooks" "$(column bystander 3)" 4
equal "and no calls" "$(column bystander 4)" 0
equal "an extension that does nothing has no hooks" "$(column null_read 3)" 0
check "1000 CPUIDs on CPU 0" cpuid_loop --cpu 0 --leaf 0x40000040 1000
check "500 on CPU 1" cpuid_loop --cpu 1 --leaf 0x40000040 500
equal "1500 calls" "$(column bystander 4)" 1500
equal "in JSON too" "$(member bystander calls)" 1500
equal "with its state" "$(member bystander state)" active
equal "and its hooks" "$(member bystander hooks)" 4
cycles=$(member bystander estimated_cycles)
check "they took time" test "$cycles" -gt 0
equal "a multiple of what is sampled" $((cycles % 64)) 0
check "another leaf" cpuid_loop --cpu 1 --leaf 2 1000
equal "costs it nothing" "$(column bystander 4) $(member bystander estimated_cycles)" "1500 $cycles"
bfm stats >/tmp/check.out
says "the output says that time is sampled" 'estimate: the time in hooks at one exit of 64'
equal "before" "$(column self_unhook 3)" 2
check "an extension that removes its hooks" cpuid_loop --leaf 0x40000030 10
equal "has none left" "$(column self_unhook 3)" 0
calls=$(column self_unhook 4)
check "and is not called any more" cpuid_loop --leaf 0x40000030 1000
equal "its calls stay as they were" "$(column self_unhook 4)" "$calls"
check "stop" bfm stop
fails "without a VMM there are no statistics" 69 bfm stats
check "start again" bfm start
equal "the count begins anew" "$(column bystander 4)" 0
check "stop" bfm stop
check "unload" bfm unload
