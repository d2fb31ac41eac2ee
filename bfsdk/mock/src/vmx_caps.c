/* SPDX-License-Identifier: MIT */
/* The VMX capability MSRs (SDM volume 3, appendix A), as the machine's features make them. */
#include <stddef.h>
#include <bfvmm/msr.h>
#include "model.h"

#define BASIC_WB         (6ULL << 50)
#define BASIC_INS        (1ULL << 54)
#define BASIC_TRUE       (1ULL << 55)
#define MISC_STORE_LMA   (1u << 5)
#define MISC_ACTIVITY    (7u << 6)
#define MISC_CR3_TARGETS (4u << 16)
#define MISC_ZERO_LENGTH (1u << 30)

/* The default-1 bits of each control (SDM volume 3, appendix A.2). */
#define PIN_ONE        0x00000016u
#define PROC_ONE       0x0401e172u
#define PROC_TRUE_ONE  0x04006172u
#define EXIT_ONE       0x00036dffu
#define EXIT_TRUE_ONE  0x00036dfbu
#define ENTRY_ONE      0x000011ffu
#define ENTRY_TRUE_ONE 0x000011fbu

struct control_bit {
	uint32_t feature; /* 0: always */
	uint32_t pin, proc, proc2, exit, entry;
};

#define BIT(n) (1u << (n))

static const struct control_bit control_bits[] = {
	/* Interrupt and NMI exiting; windows, TSC, HLT … PAUSE exiting; host 64, guest 64. */
	{0, .pin = BIT(0) | BIT(3), .proc = 0x6bb89e8c, .exit = BIT(2) | BIT(9) | BIT(15),
	 .entry = BIT(2) | BIT(9)},
	{MOCK_VIRTUAL_NMI, .pin = BIT(5), .proc = BIT(22)},
	{MOCK_PREEMPTION, .pin = BIT(6), .exit = BIT(22)},
	{MOCK_MSR_BITMAP, .proc = BIT(28)},
	{MOCK_SECONDARY, .proc = BIT(31), .proc2 = BIT(0) | BIT(2) | BIT(6)},
	{MOCK_PAT_LOAD, .exit = BIT(18) | BIT(19), .entry = BIT(14)},
	{MOCK_EFER_LOAD, .exit = BIT(20) | BIT(21), .entry = BIT(15)},
	{MOCK_EPT, .proc2 = BIT(1)},
	{MOCK_RDTSCP, .proc2 = BIT(3)},
	{MOCK_VPID, .proc2 = BIT(5)},
	{MOCK_UNRESTRICTED, .proc2 = BIT(7) | BIT(10)},
	{MOCK_INVPCID, .proc2 = BIT(12)},
	{MOCK_EPT_1G, .proc2 = BIT(17)},
	{MOCK_XSAVES, .proc2 = BIT(20)},
	{MOCK_TSC_SCALING, .proc2 = BIT(25)},
	{MOCK_UMWAIT, .proc2 = BIT(26)},
	{MOCK_EXOTIC, .pin = ~0u, .proc = ~0u, .proc2 = ~BIT(31), .exit = ~0u, .entry = ~0u},
};

static struct control_bit allowed_ones(void)
{
	struct control_bit sum = {0};

	for (size_t i = 0; i < sizeof(control_bits) / sizeof(control_bits[0]); i++) {
		const struct control_bit *b = &control_bits[i];

		if (b->feature && !mock_has(b->feature))
			continue;
		sum.pin |= b->pin;
		sum.proc |= b->proc;
		sum.proc2 |= b->proc2;
		sum.exit |= b->exit;
		sum.entry |= b->entry;
	}
	return sum;
}

static void add_control(uint32_t msr, uint32_t true_msr, uint32_t ones, uint32_t true_ones,
			uint32_t allowed)
{
	uint64_t high = (uint64_t)(allowed | ones) << 32;

	mock_msr_add(msr, high | ones, true);
	if (mock_has(MOCK_TRUE_CTLS))
		mock_msr_add(true_msr, high | true_ones, true);
}

static uint64_t ept_vpid_cap(void)
{
	uint64_t cap = 0;

	if (mock_has(MOCK_EPT))
		cap |= BIT(0) | BIT(6) | BIT(8) | BIT(14) | BIT(16) | BIT(20) | BIT(21) | BIT(25) |
		       BIT(26);
	if (mock_has(MOCK_EPT | MOCK_LA57))
		cap |= BIT(7);
	if (mock_has(MOCK_EPT_1G))
		cap |= BIT(17);
	if (mock_has(MOCK_VPID))
		cap |= 0xf01ULL << 32;
	return cap;
}

static void add_fixed(void)
{
	uint64_t cr4 = 0x3727ff; /* with VMXE, SMXE, FSGSBASE, OSXSAVE, SMEP, SMAP */

	if (!mock_has(MOCK_PCID))
		cr4 &= ~CR4_PCIDE;
	if (!mock_has(MOCK_XSAVE))
		cr4 &= ~CR4_OSXSAVE;
	cr4 |= CR4_UMIP | CR4_PKE | (mock_has(MOCK_LA57) ? CR4_LA57 : 0);
	if (mock_has(MOCK_EXOTIC))
		cr4 |= CR4_CET;
	mock_msr_add(MSR_IA32_VMX_CR0_FIXED0, CR0_PE | CR0_NE | CR0_PG, true);
	mock_msr_add(MSR_IA32_VMX_CR0_FIXED1, 0xffffffff, true);
	mock_msr_add(MSR_IA32_VMX_CR4_FIXED0, CR4_VMXE, true);
	mock_msr_add(MSR_IA32_VMX_CR4_FIXED1, cr4, true);
}

void mock_vmx_capabilities(void)
{
	struct control_bit allowed = allowed_ones();
	uint64_t basic = MOCK_VMCS_REVISION | BF_PAGE_SIZE << 32 | BASIC_WB | BASIC_INS;
	uint64_t misc = 5 | MISC_ACTIVITY | MISC_CR3_TARGETS | MISC_ZERO_LENGTH;

	if (!mock_has(MOCK_VIRT))
		return;
	if (mock_has(MOCK_TRUE_CTLS))
		basic |= BASIC_TRUE;
	if (mock_has(MOCK_UNRESTRICTED))
		misc |= MISC_STORE_LMA;
	mock_msr_add(MSR_IA32_VMX_BASIC, basic, true);
	mock_msr_add(MSR_IA32_VMX_MISC, misc, true);
	mock_msr_add(MSR_IA32_VMX_VMCS_ENUM, 0x2e, true);
	add_control(MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PINBASED_CTLS, PIN_ONE, PIN_ONE,
		    allowed.pin);
	add_control(MSR_IA32_VMX_PROCBASED_CTLS, MSR_IA32_VMX_TRUE_PROCBASED_CTLS, PROC_ONE,
		    PROC_TRUE_ONE, allowed.proc);
	add_control(MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_TRUE_EXIT_CTLS, EXIT_ONE, EXIT_TRUE_ONE,
		    allowed.exit);
	add_control(MSR_IA32_VMX_ENTRY_CTLS, MSR_IA32_VMX_TRUE_ENTRY_CTLS, ENTRY_ONE,
		    ENTRY_TRUE_ONE, allowed.entry);
	if (mock_has(MOCK_SECONDARY))
		mock_msr_add(MSR_IA32_VMX_PROCBASED_CTLS2, (uint64_t)allowed.proc2 << 32, true);
	if (ept_vpid_cap())
		mock_msr_add(MSR_IA32_VMX_EPT_VPID_CAP, ept_vpid_cap(), true);
	add_fixed();
}
