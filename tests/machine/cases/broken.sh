# SPDX-License-Identifier: MIT
# Extensions that misbehave: each is named and disabled, its exits are given back; another extension
# and the control VM go on. See tests/broken/broken.h.
# machines: amd intel
# long: intel
# smp: 2
# vmm: broken wrong_api
# launch: no
# programs: cpuid_loop hvid
# timeout: amd=900 intel=2400
. /bf/lib.sh

# state_of EXTENSION: what the statistics say of it.
state_of() {
	bfm stats | awk -v name="$1" '$1 == name { print $2 }'
}

leaf=0x40000030
bystander=0x40000040
msr=27

# rdtsc_exits: so far, on all CPUs.
rdtsc_exits() {
	bfm stats | awk '$1 == "RDTSC" { n = $2 } END { print n + 0 }'
}

# given_back: no RDTSC exits while both CPUs work; all of Linux executes it all the time.
given_back() {
	cpuid_loop --cpu 0 --leaf 2 1 >/dev/null
	cpuid_loop --cpu 1 --leaf 2 1 >/dev/null
	before=$(rdtsc_exits)
	for cpu in 0 1; do
		cpuid_loop --cpu $cpu --leaf 2 10 >/dev/null
	done
	sh -c : && date >/dev/null
	[ "$(rdtsc_exits)" = "$before" ]
}

# trigger WHERE: on both CPUs, at the same time if they like.
trigger() {
	case $1 in
	msr)
		for cpu in 0 1; do
			dd if=/dev/cpu/$cpu/msr bs=8 count=1 iflag=skip_bytes skip=$msr \
				2>/dev/null | wc -c | grep -q '^8$' || return 1
		done
		;;
	*)
		cpuid_loop --cpu 0 --leaf $leaf 20 >/tmp/loop0 &
		cpuid_loop --cpu 1 --leaf $leaf 20 >/tmp/loop1 && wait $!
		;;
	esac
}

# bystander_goes_on: its answer on both CPUs, 100 times the same.
bystander_goes_on() {
	for cpu in 0 1; do
		cpuid_loop --cpu $cpu --leaf $bystander 100 >/dev/null || return 1
		dd if=/dev/cpu/$cpu/cpuid bs=16 count=1 iflag=skip_bytes \
			skip=$((bystander)) 2>/dev/null | od -A n -t x4 |
			grep -q '^ *600d600d' || return 1
	done
}

machine_goes_on() {
	[ "$(cpus_under_vmm)" = 2 ] && bystander_goes_on &&
		[ "$(find / -xdev -type f 2>/dev/null | wc -l)" -gt 10 ]
}

# broken NAME WHERE PATTERN EXITS DISABLED: one extension at one place, from load to unload. EXITS:
# whether its RDTSC exits are 'gone' or 'kept' behind it.
broken() {
	who="$1 at $2"
	bfm load /bf/broken.elf --args "broken=$1 at=$2" >/dev/null
	check "$who: start" bfm start || return
	[ "$2" = start ] || [ "$(rdtsc_exits)" -gt 0 ] || not_ok "$who: RDTSC exits before"
	check "$who: the CPUs go on behind it" trigger "$2"
	check "$who: control VM and bystander go on" machine_goes_on
	if [ "$4" = gone ]; then
		check "$who: its exits are given back" given_back
	fi
	bfm log >/tmp/check.out
	if [ "$3" ]; then
		says "$who: the log names it" "extension $1: $3"
	fi
	equal "$who: disabled" "$(grep -c "extension $1: disabled" /tmp/check.out)" "$5"
	state=active
	[ "$5" = 0 ] || state=disabled
	equal "$who: bfm stats says so" "$(state_of "$1")" $state
	equal "$who: and of the bystander" "$(state_of bystander)" active
	equal "$who: nobody else is named" \
		"$(grep 'extension .*: ' /tmp/check.out | grep -v -c "extension $1[: ]")" 0
	check "$who: stop" bfm stop
	check "$who: a second start" bfm start
	check "$who: the CPUs go on behind it again" trigger "$2"
	check "$who: stop" bfm stop
	check "$who: unload" bfm unload
}

load_driver
broken null_read cpuid '#PF .*address 0x0$' gone 1
broken null_call cpuid '#PF .* at 0x0, address 0x0$' gone 1
broken wild_write cpuid '#GP ' gone 1
broken undefined cpuid '#UD ' gone 1
broken divide cpuid '#DE ' gone 1
broken bad_verdict cpuid 'verdict 77 does not exist here' gone 1
broken big_array cpuid 'stack overflow, #DF' gone 1
broken recursion cpuid 'stack overflow, #DF' gone 1
broken deep_alloc cpuid 'stack overflow, #(DF|PF)' gone 1
broken unaligned cpuid '#GP ' gone 1
broken double_unhook cpuid 'bf_unhook\(\) of a hook that is gone' gone 0
broken self_unhook cpuid '' gone 0
broken wild_free cpuid 'bf_free\(\) of 0x' kept 0
broken storm cpuid 'wants more ' kept 0
broken no_memory cpuid 'wants more memory' kept 0

# Wherever a hook can be.
broken null_read post '#PF ' gone 1
broken recursion post 'stack overflow' gone 1
broken bad_verdict post 'verdict 77 does not exist here' gone 1
broken null_read exit '#PF ' gone 1
broken undefined every '#UD ' gone 1
broken null_read msr '#PF ' gone 1
broken recursion msr 'stack overflow' gone 1
broken null_read start '#PF ' gone 1
broken recursion start 'stack overflow' gone 1

for at in stop end; do
	bfm load /bf/broken.elf --args "broken=wild_write at=$at" >/dev/null
	check "wild_write at $at: start" bfm start
	check "wild_write at $at: stop" bfm stop
	check "the log stays readable" bfm log
	says "wild_write at $at: the log names it" 'extension wild_write: #GP '
	check "wild_write at $at: unload" bfm unload
done

# refused NAME ARGS PATTERN: a start that must fail, and say why.
refused() {
	bfm load "/bf/$1.elf" --args "$2" >/dev/null
	check "$1 $2: start is refused" sh -c '! bfm start >/tmp/start.out 2>&1'
	cp /tmp/start.out /tmp/check.out
	says "$1 $2: the error says why" "$3"
	equal "$1 $2: no CPU is under the VMM" "$(cpus_under_vmm)" 0
	check "$1 $2: unload" bfm unload
}

for name in null_read recursion big_array; do
	refused broken "broken=$name at=init" "$name.*|faulted"
done
refused broken broken=refuses 'refuses'
refused wrong_api '' 'API 2\.0, the VMM has 1\.'

check "after all of these: a start with nothing broken" bfm quick /bf/broken.elf
check "control VM and bystander go on" machine_goes_on
check "stop" bfm stop
check "unload" bfm unload
