# SPDX-License-Identifier: MIT
# Accesses to a watched MSR are counted, exactly, and give what they give unwatched.
# machines: amd intel
# vmm: msr_watch
# launch: no
# modules: msr

. /bf/lib.sh
# IA32_MTRR_PHYSBASE0, which Linux leaves alone once it has booted.
base() {
	dd if=/dev/cpu/0/msr bs=8 skip=64 count=1 2>/dev/null | hexdump -C
}

load_driver
bare=$(base)
check "the VMM is loaded" bfm load /bf/msr_watch.elf --args "msr=0x200 count=2"
check "the VMM starts" bfm start
for i in 1 2 3 4 5; do
	under=$(base)
done
equal "the register reads as before" "$under" "$bare"
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
says "five reads are counted" 'MSR 0x200 read 5 written 0 last 0x[0-9a-f]+ at 0xffffffff'
fails "and none of its neighbour" 1 grep -q 'MSR 0x201' /tmp/check.out
fails "a range that does not exist" 70 sh -c \
	'bfm unload && bfm load /bf/msr_watch.elf --args "msr=0xffffffff count=2" && bfm start'
