/* SPDX-License-Identifier: MIT */
/* Single-stepping by the trap flag: after which instructions the trap comes, after which not. */
#include "probe.h"

/* pushfq; orq $TF,(%rsp); popfq. The handler ends the stepping after the last instruction. */
#define TF_ON  "\x9c\x48\x81\x0c\x24\x00\x01\x00\x00\x9d"
#define TF_OFF "\x9c\x48\x81\x24\x24\xff\xfe\xff\xff\x9d"

/* mov %ss,%eax before TF_ON, so that loading SS back is one instruction. */
#define GET_SS "\x8c\xd0"
#define SET_SS "\x8e\xd0"

#define STEP(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, .rcx = 3, CODE(TF_ON bytes)                      \
	}

#define STEP_SS(title, bytes)                                                                      \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(GET_SS TF_ON SET_SS bytes)                  \
	}

static const struct probe probes[] = {
	STEP("step-nop", "\x90\x90"),
	STEP("step-cpuid", "\x0f\xa2\x90"),
	STEP("step-cpuid-prefixed", "\x66\xf2\x48\x0f\xa2\x90"),
	STEP("step-cpuid-cpuid", "\x0f\xa2\x31\xc0\x0f\xa2"),
	STEP("step-rdtsc", "\x0f\x31\x90"),
	STEP("step-rdtscp", "\x0f\x01\xf9\x90"),
	STEP("step-xgetbv", "\x31\xc9\x0f\x01\xd0\x90"),
	STEP("step-pause", "\xf3\x90\x90"),
	STEP("step-rdmsr", "\x0f\x32\x90"),
	STEP("step-wrmsr", "\x0f\x30\x90"),
	STEP("step-vmcall", "\x0f\x01\xc1\x90"),
	STEP("step-vmmcall", "\x0f\x01\xd9\x90"),
	STEP("step-invd", "\x0f\x08\x90"),
	STEP("step-xsetbv", "\x0f\x01\xd1\x90"),
	STEP("step-hlt", "\xf4\x90"),
	STEP("step-ud2", "\x0f\x0b"),
	STEP("step-int3", "\xcc\x90"),
	STEP("step-int1", "\xf1\x90"),
	STEP("step-pushf", "\x9c\x58\x90"),
	STEP("step-clear", TF_OFF "\x90\x90"),
	STEP("step-rep-movsb", "\xf3\xa4\x90"),
	STEP("step-rep-stosb", "\xf3\xaa\x90"),
	STEP("step-rep-movsb-none", "\x31\xc9\xf3\xa4\x90"),
	/* or $-1,%eax; int $0x80. */
	STEP("step-int80", "\x83\xc8\xff\xcd\x80\x90\x90"),
	STEP("step-jump", "\xeb\x01\x90\x90"),
	STEP("step-page-fault", "\x31\xc0\x8b\x00"),
	STEP_SS("step-mov-ss-nop", "\x90\x90"),
	STEP_SS("step-mov-ss-cpuid", "\x0f\xa2\x90"),
	STEP_SS("step-mov-ss-cpuid-prefixed", "\x66\x0f\xa2\x90"),
	STEP_SS("step-mov-ss-mov-ss-cpuid", SET_SS "\x0f\xa2\x90"),
	STEP_SS("step-mov-ss-rdtsc", "\x0f\x31\x90"),
	STEP_SS("step-mov-ss-pushf", "\x9c\x58\x90"),
	STEP_SS("step-mov-ss-ud2", "\x0f\x0b"),
	STEP_SS("step-mov-ss-vmcall", "\x0f\x01\xc1"),
	STEP_SS("step-mov-ss-rdmsr", "\x0f\x32"),
	/* The flag gone by the time CPUID ends: popfq that clears it, then CPUID. */
	STEP("step-popf-cpuid", "\x6a\x02\x9d\x0f\xa2\x90"),
};

PROBE_GROUP(step);
