/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Privileged instructions, one function each. The mock machine has its own bfhw/hw.h with the
 * same functions as externs; everything else in the VMM is ordinary C.
 */
#ifndef BFHW_HW_H
#define BFHW_HW_H

#include <stdbool.h>
#include <bfabi/types.h>

struct bf_hw_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/** The memory operand of LGDT/LIDT, SGDT/SIDT. */
struct bf_hw_table {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/** The 128-bit descriptor of INVEPT and INVVPID. */
struct bf_hw_inv {
	uint64_t first;
	uint64_t second;
};

static inline struct bf_hw_cpuid bf_hw_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct bf_hw_cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

/** CPUID on images of the registers, as a guest executes it: clears the upper halves. */
static inline void bf_hw_cpuid_regs(uint64_t *rax, uint64_t *rbx, uint64_t *rcx, uint64_t *rdx)
{
	uint64_t a = *rax, b, c = *rcx, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	*rax = a;
	*rbx = b;
	*rcx = c;
	*rdx = d;
}

static inline uint64_t bf_hw_rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void bf_hw_wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

/*
 * An instruction that may fault. The VMM's exception handler looks the faulting address up in
 * .bf_fixups, sets CF in the saved RFLAGS and goes on behind the instruction.
 */
#define BF_HW_GUARDED(insn)                                                                        \
	"clc\n"                                                                                    \
	"1:	" insn "\n"                                                                        \
	"2:\n"                                                                                     \
	".pushsection .bf_fixups, \"a\"\n"                                                         \
	".balign 8\n"                                                                              \
	".quad 1b, 2b\n"                                                                           \
	".popsection\n"

/** RDMSR that reports a fault. @return false if it raised one; @p value is then 0 */
static inline bool bf_hw_rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t lo = 0, hi = 0;
	bool failed;

	__asm__ volatile(BF_HW_GUARDED("rdmsr") : "+a"(lo), "+d"(hi), "=@ccc"(failed) : "c"(msr));
	*value = (uint64_t)hi << 32 | lo;
	return !failed;
}

/** WRMSR that reports a fault. @return false if it raised one */
static inline bool bf_hw_wrmsr_safe(uint32_t msr, uint64_t value)
{
	bool failed;

	__asm__ volatile(BF_HW_GUARDED("wrmsr")
			 : "=@ccc"(failed)
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
	return !failed;
}

/** XSETBV that reports a fault. @return false if it raised one */
static inline bool bf_hw_xsetbv_safe(uint32_t index, uint64_t value)
{
	bool failed;

	__asm__ volatile(BF_HW_GUARDED("xsetbv")
			 : "=@ccc"(failed)
			 : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
	return !failed;
}

/** RDPMC that reports a fault. @return false if it raised one */
static inline bool bf_hw_rdpmc_safe(uint32_t counter, uint64_t *value)
{
	uint32_t lo = 0, hi = 0;
	bool failed;

	__asm__ volatile(BF_HW_GUARDED("rdpmc")
			 : "=@ccc"(failed), "+a"(lo), "+d"(hi)
			 : "c"(counter));
	*value = (uint64_t)hi << 32 | lo;
	return !failed;
}

#define BF_HW_CR(n)                                                                                \
	static inline uint64_t bf_hw_read_cr##n(void)                                              \
	{                                                                                          \
		uint64_t v;                                                                        \
                                                                                                   \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)::"memory");                        \
		return v;                                                                          \
	}                                                                                          \
	static inline void bf_hw_write_cr##n(uint64_t v)                                           \
	{                                                                                          \
		__asm__ volatile("mov %0, %%cr" #n ::"r"(v) : "memory");                           \
	}

BF_HW_CR(0)
BF_HW_CR(2)
BF_HW_CR(3)
BF_HW_CR(4)
BF_HW_CR(8)

#define BF_HW_DR(n)                                                                                \
	static inline uint64_t bf_hw_read_dr##n(void)                                              \
	{                                                                                          \
		uint64_t v;                                                                        \
                                                                                                   \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(v));                                  \
		return v;                                                                          \
	}                                                                                          \
	static inline void bf_hw_write_dr##n(uint64_t v)                                           \
	{                                                                                          \
		__asm__ volatile("mov %0, %%dr" #n ::"r"(v));                                      \
	}

BF_HW_DR(0)
BF_HW_DR(1)
BF_HW_DR(2)
BF_HW_DR(3)
BF_HW_DR(6)
BF_HW_DR(7)

/** RDPKRU: wants CR4.PKE. */
static inline uint32_t bf_hw_rdpkru(void)
{
	uint32_t v, zero;

	__asm__ volatile(".byte 0x0f, 0x01, 0xee" : "=a"(v), "=d"(zero) : "c"(0));
	return v;
}

static inline uint64_t bf_hw_rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

static inline void bf_hw_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/** Stops this CPU for good but for NMIs; call in a loop. */
static inline void bf_hw_halt(void)
{
	__asm__ volatile("cli; hlt" ::: "memory");
}

static inline void bf_hw_wbinvd(void)
{
	__asm__ volatile("wbinvd" ::: "memory");
}

static inline void bf_hw_invlpg(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

static inline uint8_t bf_hw_inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void bf_hw_outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline void bf_hw_lgdt(const struct bf_hw_table *table)
{
	__asm__ volatile("lgdt %0" ::"m"(*table) : "memory");
}

static inline void bf_hw_lidt(const struct bf_hw_table *table)
{
	__asm__ volatile("lidt %0" ::"m"(*table) : "memory");
}

static inline void bf_hw_ltr(uint16_t selector)
{
	__asm__ volatile("ltr %0" ::"r"(selector) : "memory");
}

/* VMX (SDM volume 3C). Each returns true on success: CF and ZF both clear. */

static inline bool bf_hw_vmxon(uint64_t pa)
{
	bool failed;

	__asm__ volatile("vmxon %1" : "=@ccbe"(failed) : "m"(pa) : "memory");
	return !failed;
}

static inline void bf_hw_vmxoff(void)
{
	__asm__ volatile("vmxoff" ::: "memory", "cc");
}

static inline bool bf_hw_vmclear(uint64_t pa)
{
	bool failed;

	__asm__ volatile("vmclear %1" : "=@ccbe"(failed) : "m"(pa) : "memory");
	return !failed;
}

static inline bool bf_hw_vmptrld(uint64_t pa)
{
	bool failed;

	__asm__ volatile("vmptrld %1" : "=@ccbe"(failed) : "m"(pa) : "memory");
	return !failed;
}

/** VMREAD of a field that exists. */
static inline uint64_t bf_hw_vmread(uint64_t field)
{
	uint64_t v;

	__asm__ volatile("vmread %1, %0" : "=r"(v) : "r"(field) : "cc");
	return v;
}

/** VMWRITE of a field that exists and is writable. */
static inline void bf_hw_vmwrite(uint64_t field, uint64_t value)
{
	__asm__ volatile("vmwrite %0, %1" ::"r"(value), "r"(field) : "cc", "memory");
}

/** VMREAD that reports failure (unsupported field). */
static inline bool bf_hw_vmread_safe(uint64_t field, uint64_t *value)
{
	bool failed;

	*value = 0;
	__asm__ volatile("vmread %2, %1" : "=@ccbe"(failed), "+r"(*value) : "r"(field));
	return !failed;
}

/** VMWRITE that reports failure (unsupported or read-only field). */
static inline bool bf_hw_vmwrite_safe(uint64_t field, uint64_t value)
{
	bool failed;

	__asm__ volatile("vmwrite %1, %2" : "=@ccbe"(failed) : "r"(value), "r"(field) : "memory");
	return !failed;
}

static inline bool bf_hw_invept(uint64_t type, uint64_t eptp)
{
	struct bf_hw_inv d = {eptp, 0};
	bool failed;

	__asm__ volatile("invept %1, %2" : "=@ccbe"(failed) : "m"(d), "r"(type) : "memory");
	return !failed;
}

static inline bool bf_hw_invvpid(uint64_t type, uint64_t vpid, uint64_t va)
{
	struct bf_hw_inv d = {vpid, va};
	bool failed;

	__asm__ volatile("invvpid %1, %2" : "=@ccbe"(failed) : "m"(d), "r"(type) : "memory");
	return !failed;
}

/* SVM (APM volume 2, chapter 15). */

static inline void bf_hw_stgi(void)
{
	__asm__ volatile("stgi" ::: "memory");
}

static inline void bf_hw_clgi(void)
{
	__asm__ volatile("clgi" ::: "memory");
}

/** Stores the state that VMRUN leaves alone into the VMCB at @p pa. */
static inline void bf_hw_vmsave(uint64_t pa)
{
	__asm__ volatile("vmsave" ::"a"(pa) : "memory");
}

static inline void bf_hw_vmload(uint64_t pa)
{
	__asm__ volatile("vmload" ::"a"(pa) : "memory");
}

#endif
