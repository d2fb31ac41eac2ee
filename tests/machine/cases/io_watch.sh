# SPDX-License-Identifier: MIT
# Accesses to watched ports are counted, exactly, and do what they do unwatched.
# machines: amd intel
# vmm: io_watch
# launch: no

. /bf/lib.sh
load_driver
day() {
	hwclock -r 2>/dev/null | cut -c1-10
}

before=$(day)
check "the VMM is loaded" bfm load /bf/io_watch.elf
check "the VMM starts" bfm start
equal "the clock can be read, and says the same day" "$(day)" "$before"
bfm stats >/tmp/check.out
says "port accesses exit" 'port I/O +[1-9]'
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
says "the index register was written" 'port 0x070 read [0-9]+ written [1-9][0-9]* string 0'
says "the data register was read" 'port 0x071 read [1-9][0-9]* written [0-9]+ string 0'
