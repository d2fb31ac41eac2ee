# SPDX-License-Identifier: MIT
# The VMM under a running Linux: `bf test machine` boots one on emulated CPUs of both vendors and
# runs this in it, with the VMM started.
# machines: amd intel
# smp: amd=2 intel=1
# vmm: newext
# programs: cpuid_loop
. /bf/lib.sh

# CPUID leaf 0x40000f00 on CPU 0, its four registers: to the driver cpuid a leaf is a position.
read_leaf() {
	dd if=/dev/cpu/0/cpuid bs=16 count=1 skip=$((0x40000f0)) 2>/dev/null | od -A n -t u4
}

# eax REGISTERS...
eax() {
	echo "$1"
}

first=$(eax $(read_leaf))
check "a thousand CPUIDs on CPU 0" cpuid_loop --cpu 0 --leaf 0 1000
second=$(eax $(read_leaf))
check "they are counted ($first before, $second after)" test "$((second - first))" -gt 1000
check "the log says who began" bfm log
says "CPU 0 has its line" 'newext: CPU 0 begins with leaf'
