/* SPDX-License-Identifier: MIT */
#include "msr.h"

#define VALUE(n)                                                                                   \
	{                                                                                          \
		(n), MSR_VALUE                                                                     \
	}
#define ADDRESS(n)                                                                                 \
	{                                                                                          \
		(n), MSR_ADDRESS                                                                   \
	}
#define ALIVE(n)                                                                                   \
	{                                                                                          \
		(n), MSR_ALIVE                                                                     \
	}
#define VIRT(n)                                                                                    \
	{                                                                                          \
		(n), MSR_VIRT                                                                      \
	}

/* Four in a row. */
#define VALUE4(n) VALUE(n), VALUE((n) + 1), VALUE((n) + 2), VALUE((n) + 3)
#define VIRT4(n)  VIRT(n), VIRT((n) + 1), VIRT((n) + 2), VIRT((n) + 3)

const struct msr msr_list[] = {
	/* Low range: architectural, machine check, thermal, performance. */
	VALUE(0x0),
	VALUE(0x1),
	VALUE(0x6),
	ALIVE(0x10),
	VALUE(0x17),
	VALUE(0x1b),
	VIRT(0x3a),
	VALUE(0x3b),
	VALUE(0x48),
	VALUE(0x49),
	VALUE(0x79),
	VALUE(0x8b),
	ALIVE(0xc1),
	ALIVE(0xc2),
	VALUE(0xce),
	ALIVE(0xe7),
	ALIVE(0xe8),
	VALUE(0xfe),
	VALUE(0x10a),
	VALUE(0x10b),
	VALUE(0x122),
	VALUE(0x140),
	VALUE(0x174),
	ADDRESS(0x175),
	ADDRESS(0x176),
	VALUE(0x179),
	VALUE(0x17a),
	VALUE(0x17b),
	ALIVE(0x186),
	ALIVE(0x198),
	VALUE(0x199),
	VALUE(0x19a),
	ALIVE(0x19c),
	VALUE(0x1a0),
	VALUE(0x1b0),
	VALUE(0x1d9),
	ALIVE(0x1db),
	ALIVE(0x1dc),
	ALIVE(0x1dd),
	ALIVE(0x1de),
	/* MTRRs: variable, fixed, PAT, default type; and the first variable one missing. */
	VALUE4(0x200),
	VALUE4(0x204),
	VALUE4(0x208),
	VALUE4(0x20c),
	VALUE4(0x210),
	VALUE(0x250),
	VALUE(0x258),
	VALUE(0x259),
	VALUE4(0x268),
	VALUE4(0x26c),
	VALUE(0x277),
	VALUE(0x2ff),
	/* Machine-check bank 0, VMX capabilities, DS area, deadline, XSS, CET, PKRS. */
	VALUE4(0x400),
	VIRT4(0x480),
	VIRT4(0x484),
	VIRT4(0x488),
	VIRT4(0x48c),
	VIRT4(0x490),
	VALUE(0x600),
	ALIVE(0x6e0),
	VALUE(0x6a0),
	VALUE(0x6a2),
	VALUE(0x6e1),
	VALUE(0xda0),
	/* x2APIC registers; they fault while the APIC is in xAPIC mode. */
	VALUE(0x802),
	VALUE(0x803),
	VALUE(0x80b),
	VALUE(0x8ff),
	/* The ends of the bitmap's low range and what follows it. */
	VALUE(0x1fff),
	VALUE(0x2000),
	VALUE(0x12345678),
	VALUE(0x3fffffff),
	/* Where hypervisors put their own. */
	VALUE(0x40000000),
	VALUE(0x40000001),
	VALUE(0x40000020),
	VALUE(0x400000ff),
	VALUE(0x4b564d00),
	VALUE(0x4b564d01),
	VALUE(0x7fffffff),
	/* The high range. */
	VALUE(0xbfffffff),
	VIRT(0xc0000080),
	VALUE(0xc0000081),
	ADDRESS(0xc0000082),
	ADDRESS(0xc0000083),
	VALUE(0xc0000084),
	VALUE(0xc0000085),
	ALIVE(0xc00000e7),
	ALIVE(0xc00000e8),
	ADDRESS(0xc0000100),
	ADDRESS(0xc0000101),
	VALUE(0xc0000102),
	VALUE(0xc0000103),
	VIRT(0xc0000104),
	VALUE(0xc0000105),
	VALUE(0xc0001fff),
	VALUE(0xc0002000),
	VALUE(0xc000ffff),
	/* AMD's range, SVM's in it; its end and what follows it. */
	VALUE(0xc0010000),
	ALIVE(0xc0010004),
	VALUE(0xc0010010),
	VALUE(0xc0010015),
	VALUE(0xc0010016),
	VALUE(0xc001001a),
	VALUE(0xc001001d),
	VALUE(0xc001001f),
	VALUE(0xc0010055),
	ALIVE(0xc0010062),
	VALUE(0xc0010063),
	VIRT(0xc0010114),
	VIRT(0xc0010115),
	VIRT(0xc0010117),
	VIRT(0xc0010118),
	VALUE(0xc001011f),
	VALUE(0xc0010131),
	VALUE(0xc0011004),
	VALUE(0xc0011020),
	VALUE(0xc0011029),
	VALUE(0xc0011fff),
	VALUE(0xc0012000),
	VALUE(0xffffffff),
};

const unsigned int msr_list_length = sizeof(msr_list) / sizeof(msr_list[0]);
