# SPDX-License-Identifier: MIT
# Writes to a watched page happen, and each is seen with its place and CPU; unwatched, none exits.
# machines: amd intel amd-bochs
# long: intel amd-bochs
# smp: 2
# vmm: s2_watch
# programs: page_write
# launch: no
# timeout: amd=120 intel=900 amd-bochs=600

. /bf/lib.sh
load_driver
s2_faults() {
	bfm stats | sed -n 's/^ *second-level fault *\([0-9]*\).*/\1/p'
}

check "the VMM is loaded" bfm load /bf/s2_watch.elf
check "the VMM starts" bfm start
check "each write is seen, and none that is unwatched" page_write 300
says "on both CPUs" 'cpus 2 rounds 1 writes 600 seen 600 unseen 0 stray 0 wrong 0'
check "so is each execution of the page" page_write --by call 200
says "with none that goes past" 'unseen 0 stray 0 wrong 0'
check "and what the VMM cannot emulate happens, and is seen" page_write --by vector 200
says "on each CPU" 'unseen 0 stray 0 wrong 0'
after=$(s2_faults)
check "the page has had exits" test "${after:-0}" -ge 600
grep -c . /proc/kallsyms >/dev/null
equal "without a watch there are none" "$(s2_faults)" "$after"
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
for cpu in 0 1; do
	says "CPU $cpu is named" "s2_watch: CPU $cpu RIP 0x[0-9a-f]+ 300 times"
done
