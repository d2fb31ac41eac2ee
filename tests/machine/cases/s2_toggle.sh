# SPDX-License-Identifier: MIT
# Hooks on pages come and go on all CPUs under load: while one is on nothing goes past it, while it
# is off it sees nothing. Fails without the shootdown of stale translations.
# machines: amd intel
# long: amd intel
# smp: amd=4 intel=2
# memory: amd=1024
# vmm: s2_hook s2_watch
# programs: hook_call page_write sysload
# launch: no
# timeout: amd=600 intel=2400

. /bf/lib.sh
load_driver
rounds=1000
[ "$(online_cpus)" = 4 ] || rounds=100
load() {
	until [ -e /tmp/load.over ]; do
		sysload --workers 1 --rounds 2 >/tmp/load.out 2>&1 || touch /tmp/load.failed
	done
}

# toggle VMM TEXT COMMAND...: the command, with the VMM and a load under it.
toggle() {
	vmm=$1
	text=$2
	shift 2
	rm -f /tmp/load.over
	check "the VMM $vmm is loaded" bfm load /bf/$vmm.elf
	check "and starts" bfm start
	load &
	loader=$!
	check "$text" "$@"
	touch /tmp/load.over
	wait $loader
	equal "all CPUs are still under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
	check "it stops" bfm stop
	check "and goes" bfm unload
}

toggle s2_hook "$rounds times on and off, no call goes past, none is redirected without it" \
	hook_call --rounds $rounds 4
toggle s2_watch "$rounds times on and off, each write is seen, none without a watch" \
	page_write --rounds $rounds 8
check "the load has met no error" test ! -e /tmp/load.failed
[ ! -e /tmp/load.failed ] || cat /tmp/load.out
