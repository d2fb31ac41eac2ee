/* SPDX-License-Identifier: MIT */
/* Control registers, ports and the rest of the privileged instructions that are not VMX or SVM. */
#include <bfhw/this_cpu.h>
#include <bfvmm/msr.h>
#include "model.h"

#define CR4_KNOWN 0xf77fffULL

struct bf_pcpu *bf_this_pcpu(void)
{
	return mock_this()->pcpu;
}

void bf_set_this_pcpu(struct bf_pcpu *pcpu)
{
	mock_this()->pcpu = pcpu;
}

#define REGISTER(name, field, check, counted)                                                      \
	uint64_t bf_hw_read_##name(void)                                                           \
	{                                                                                          \
		mock.count.cr_read += (counted);                                                   \
		return mock_this()->field;                                                         \
	}                                                                                          \
	void bf_hw_write_##name(uint64_t value)                                                    \
	{                                                                                          \
		mock.count.cr_write += (counted);                                                  \
		check(value);                                                                      \
		mock_this()->field = value;                                                        \
	}

/* In VMX operation PE, NE and PG are fixed to 1; paging needs protection; NW needs CD. */
static void check_cr0(uint64_t value)
{
	const uint64_t fixed = CR0_PE | CR0_NE | CR0_PG;

	if (value >> 32 || ((value & CR0_PG) && !(value & CR0_PE)) ||
	    ((value & CR0_NW) && !(value & CR0_CD)) ||
	    (mock_this()->vmx_on && (value & fixed) != fixed))
		mock_fault("MOV of 0x%lx to CR0 raised #GP", value);
}

static void check_any(uint64_t value)
{
	(void)value;
}

static void check_cr8(uint64_t value)
{
	if (value > 0xf)
		mock_fault("MOV of 0x%lx to CR8 raised #GP", value);
}

static void check_cr3(uint64_t value)
{
	uint32_t bits = mock_cpuid_find(0x80000008, 0)->out.eax & 0xff;

	if ((value & ~(1UL << 63)) >> bits)
		mock_fault("MOV of 0x%lx to CR3 raised #GP", value);
}

static void check_cr4(uint64_t value)
{
	struct mock_cpu *cpu = mock_this();
	bool virt = mock.profile->vendor == MOCK_INTEL && mock_has(MOCK_VIRT);

	if ((value & ~CR4_KNOWN) || ((value & CR4_VMXE) && !virt) ||
	    (!(value & CR4_VMXE) && cpu->vmx_on) || ((value ^ cpu->cr4) & CR4_LA57) ||
	    ((value & CR4_PCIDE) && !mock_has(MOCK_PCID)) ||
	    ((value & CR4_OSXSAVE) && !mock_has(MOCK_XSAVE)))
		mock_fault("MOV of 0x%lx to CR4 raised #GP", value);
}

static void check_dr(uint64_t value)
{
	if (value >> 32)
		mock_fault("MOV of 0x%lx to DR6 or DR7 raised #GP", value);
}

REGISTER(cr0, cr0, check_cr0, 1)
REGISTER(cr2, cr2, check_any, 1)
REGISTER(cr3, cr3, check_cr3, 1)
REGISTER(cr4, cr4, check_cr4, 1)
REGISTER(cr8, cr8, check_cr8, 1)
REGISTER(dr0, dr[0], check_any, 0)
REGISTER(dr1, dr[1], check_any, 0)
REGISTER(dr2, dr[2], check_any, 0)
REGISTER(dr3, dr[3], check_any, 0)
REGISTER(dr6, dr6, check_dr, 0)
REGISTER(dr7, dr7, check_dr, 0)

/* SDM volume 1, "XSETBV": x87 stays on, AVX needs SSE, unknown bits fault. */
#define COUNTERS 4

bool bf_hw_rdpmc_safe(uint32_t counter, uint64_t *value)
{
	*value = mock.tsc + counter;
	return counter < COUNTERS;
}

bool bf_hw_xsetbv_safe(uint32_t index, uint64_t value)
{
	uint64_t known = mock_cpuid_find(0xd, 0) ? mock_cpuid_find(0xd, 0)->out.eax : 0;

	mock.count.xsetbv++;
	if (!(mock_this()->cr4 & CR4_OSXSAVE) || index || !(value & 1) || (value & ~known) ||
	    (value & 6) == 4)
		return false;
	mock_this()->xcr0 = value;
	return true;
}

uint32_t bf_hw_rdpkru(void)
{
	if (!(mock_this()->cr4 & CR4_PKE))
		mock_fault("RDPKRU without CR4.PKE raised #UD");
	return mock_this()->pkru;
}

uint64_t bf_hw_rdtsc(void)
{
	return mock.tsc += 10;
}

void bf_hw_pause(void)
{
	if (++mock.count.pause > 100000000)
		mock_fault("the code under test spins for ever");
}

void bf_hw_halt(void)
{
	mock_end(MOCK_HALTED);
}

void bf_hw_wbinvd(void)
{
	mock.count.wbinvd++;
}

void bf_hw_invlpg(uint64_t va)
{
	(void)va;
}

uint8_t bf_hw_inb(uint16_t port)
{
	mock.count.in++;
	return mock.port_in[port];
}

void bf_hw_outb(uint16_t port, uint8_t value)
{
	(void)port;
	mock.count.out++;
	if (mock.out_count < sizeof(mock.out_text))
		mock.out_text[mock.out_count++] = value;
}

void bf_hw_lgdt(const struct bf_hw_table *table)
{
	mock_this()->gdtr = *table;
}

void bf_hw_lidt(const struct bf_hw_table *table)
{
	mock_this()->idtr = *table;
}

/* A busy TSS faults: loading the register twice from one table is a bug. */
void bf_hw_ltr(uint16_t selector)
{
	uint64_t *descriptor = (uint64_t *)(mock_this()->gdtr.base + (selector & ~7u));

	if (selector + 15u > mock_this()->gdtr.limit || (*descriptor >> 40 & 0x1f) != 9)
		mock_fault("LTR of 0x%x raised #GP", selector);
	*descriptor |= 2UL << 40;
	mock_this()->tr = selector;
}
