/* SPDX-License-Identifier: MIT */
/*
 * The VM-entry check of VMX: each rule of its tables broken once, each named. A rule that no row
 * here breaks fails the test.
 */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/vmx.h>
#include <bfvmm/mem.h>
#include "test.h"
#include <vmx/check_segments.c> /* its table is its own */

#define NOT_CANONICAL 0x1000000000000000ull
#define TOO_HIGH      (1ull << 50)
#define POKES         6

struct poke {
	uint32_t field;
	uint64_t set, clear;
};

#define VALUE(name, value)                                                                         \
	{                                                                                          \
		VMCS_##name, (value), ~0ull                                                        \
	}
#define WITH(name, bits)                                                                           \
	{                                                                                          \
		VMCS_##name, (bits), 0                                                             \
	}
#define LESS(name, bits)                                                                           \
	{                                                                                          \
		VMCS_##name, 0, (bits)                                                             \
	}

enum {
	VMCS_PIN_FIELD = VMCS_PIN_BASED_CONTROLS,
	VMCS_PROC_FIELD = VMCS_PROCESSOR_CONTROLS,
	VMCS_PROC2_FIELD = VMCS_SECONDARY_PROCESSOR_CONTROLS
};

#define NO_EPT     LESS(PROC2_FIELD, VMX_PROC2_ENABLE_EPT | VMX_PROC2_UNRESTRICTED_GUEST)
#define RESTRICTED LESS(PROC2_FIELD, VMX_PROC2_UNRESTRICTED_GUEST)
#define SHADOW_TPR WITH(PROC_FIELD, VMX_PROC_TPR_SHADOW), VALUE(VIRTUAL_APIC_ADDRESS, 0)
#define NO_IA32E   LESS(ENTRY_CONTROLS, VMX_ENTRY_IA32E_MODE_GUEST), VALUE(GUEST_IA32_EFER, 0)
#define POSTED                                                                                     \
	WITH(PIN_FIELD, VMX_PIN_POSTED_INTERRUPTS | VMX_PIN_EXTERNAL_INTERRUPT_EXITING),           \
		WITH(PROC2_FIELD, VMX_PROC2_VIRTUAL_INTERRUPT_DELIVERY),                           \
		WITH(EXIT_CONTROLS, VMX_EXIT_ACKNOWLEDGE_INTERRUPT), SHADOW_TPR
#define EVENT(value) VALUE(ENTRY_INTERRUPTION_INFORMATION, 0x80000000u | (value))
#define IF_ON        WITH(GUEST_RFLAGS, RFLAGS_IF)
#define BLOCKED(by)  VALUE(GUEST_INTERRUPTIBILITY_STATE, by)
#define ACTIVITY(is) VALUE(GUEST_ACTIVITY_STATE, is)
#define DS_USABLE(access)                                                                          \
	VALUE(GUEST_DS_ACCESS_RIGHTS, access), VALUE(GUEST_DS_LIMIT, 0xffffffff),                  \
		VALUE(GUEST_DS_SELECTOR, 0x18), VALUE(GUEST_DS_BASE, 0)
#define LDTR_USABLE(access) VALUE(GUEST_LDTR_ACCESS_RIGHTS, access), VALUE(GUEST_LDTR_LIMIT, 0x67)

#define ROW(name, ...)                                                                             \
	{                                                                                          \
#name,                                                                             \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* The field that the report must name, and what breaks a rule about it. */
static const struct {
	const char *what;
	struct poke poke[POKES];
} rows[] = {
	ROW(PIN_BASED_CONTROLS, LESS(PIN_FIELD, 2)),
	ROW(PROCESSOR_CONTROLS, LESS(PROC_FIELD, 2)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, WITH(PROC2_FIELD, 1u << 31)),
	ROW(CR3_TARGET_COUNT, VALUE(CR3_TARGET_COUNT, 5)),
	ROW(IO_BITMAP_A, WITH(PROC_FIELD, VMX_PROC_IO_BITMAPS), VALUE(IO_BITMAP_A, 1)),
	ROW(IO_BITMAP_B, WITH(PROC_FIELD, VMX_PROC_IO_BITMAPS), VALUE(IO_BITMAP_B, TOO_HIGH)),
	ROW(MSR_BITMAPS, WITH(MSR_BITMAPS, 1)),
	ROW(VIRTUAL_APIC_ADDRESS, SHADOW_TPR, WITH(VIRTUAL_APIC_ADDRESS, 1)),
	ROW(TPR_THRESHOLD, SHADOW_TPR, VALUE(TPR_THRESHOLD, 0x10)),
	ROW(PIN_BASED_CONTROLS, LESS(PIN_FIELD, VMX_PIN_NMI_EXITING),
	    WITH(PIN_FIELD, VMX_PIN_VIRTUAL_NMIS)),
	ROW(PROCESSOR_CONTROLS, LESS(PIN_FIELD, VMX_PIN_VIRTUAL_NMIS),
	    WITH(PROC_FIELD, VMX_PROC_NMI_WINDOW_EXITING)),
	ROW(APIC_ACCESS_ADDRESS, WITH(PROC2_FIELD, VMX_PROC2_VIRTUALIZE_APIC_ACCESSES),
	    VALUE(APIC_ACCESS_ADDRESS, 1)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, WITH(PROC2_FIELD, VMX_PROC2_VIRTUALIZE_X2APIC_MODE),
	    LESS(PROC_FIELD, VMX_PROC_TPR_SHADOW)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, SHADOW_TPR,
	    WITH(PROC2_FIELD,
		 VMX_PROC2_VIRTUALIZE_X2APIC_MODE | VMX_PROC2_VIRTUALIZE_APIC_ACCESSES)),
	ROW(PIN_BASED_CONTROLS, SHADOW_TPR, WITH(PROC2_FIELD, VMX_PROC2_VIRTUAL_INTERRUPT_DELIVERY),
	    LESS(PIN_FIELD, VMX_PIN_EXTERNAL_INTERRUPT_EXITING)),
	ROW(PIN_BASED_CONTROLS, WITH(PIN_FIELD, VMX_PIN_POSTED_INTERRUPTS)),
	ROW(POSTED_INTERRUPT_NOTIFICATION_VECTOR, POSTED,
	    VALUE(POSTED_INTERRUPT_NOTIFICATION_VECTOR, 0x100)),
	ROW(POSTED_INTERRUPT_DESCRIPTOR, POSTED, VALUE(POSTED_INTERRUPT_DESCRIPTOR, 0x20)),
	ROW(VIRTUAL_PROCESSOR_IDENTIFIER, VALUE(VIRTUAL_PROCESSOR_IDENTIFIER, 0)),
	ROW(EPT_POINTER, WITH(EPT_POINTER, 0x80)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, LESS(PROC2_FIELD, VMX_PROC2_ENABLE_EPT)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, NO_EPT, WITH(PROC2_FIELD, VMX_PROC2_MODE_BASED_EXECUTE)),
	ROW(SECONDARY_PROCESSOR_CONTROLS, NO_EPT, WITH(PROC2_FIELD, VMX_PROC2_ENABLE_PML)),
	ROW(PML_ADDRESS, WITH(PROC2_FIELD, VMX_PROC2_ENABLE_PML), VALUE(PML_ADDRESS, 1)),
	ROW(VM_FUNCTION_CONTROLS, WITH(PROC2_FIELD, VMX_PROC2_ENABLE_VM_FUNCTIONS),
	    VALUE(VM_FUNCTION_CONTROLS, 1), VALUE(EPTP_LIST_ADDRESS, 1)),
	ROW(VMREAD_BITMAP, WITH(PROC2_FIELD, VMX_PROC2_VMCS_SHADOWING), VALUE(VMREAD_BITMAP, 1)),
	ROW(VMWRITE_BITMAP, WITH(PROC2_FIELD, VMX_PROC2_VMCS_SHADOWING), VALUE(VMWRITE_BITMAP, 1)),
	ROW(VIRTUALIZATION_EXCEPTION_ADDRESS, WITH(PROC2_FIELD, VMX_PROC2_EPT_VIOLATION_VE),
	    VALUE(VIRTUALIZATION_EXCEPTION_ADDRESS, 1)),
	ROW(SUB_PAGE_PERMISSION_POINTER, WITH(PROC2_FIELD, VMX_PROC2_SUB_PAGE_WRITE_PERMISSIONS),
	    VALUE(SUB_PAGE_PERMISSION_POINTER, 1)),
	ROW(TSC_MULTIPLIER, WITH(PROC2_FIELD, VMX_PROC2_TSC_SCALING), VALUE(TSC_MULTIPLIER, 0)),
	ROW(EXIT_CONTROLS, LESS(EXIT_CONTROLS, 1)),
	ROW(EXIT_CONTROLS, WITH(EXIT_CONTROLS, VMX_EXIT_SAVE_PREEMPTION_TIMER),
	    LESS(PIN_FIELD, VMX_PIN_PREEMPTION_TIMER)),
	ROW(EXIT_MSR_STORE_ADDRESS, VALUE(EXIT_MSR_STORE_COUNT, 1),
	    VALUE(EXIT_MSR_STORE_ADDRESS, 8)),
	ROW(EXIT_MSR_STORE_COUNT, VALUE(EXIT_MSR_STORE_COUNT, 513),
	    VALUE(EXIT_MSR_STORE_ADDRESS, 0)),
	ROW(EXIT_MSR_LOAD_ADDRESS, VALUE(EXIT_MSR_LOAD_COUNT, 1),
	    VALUE(EXIT_MSR_LOAD_ADDRESS, (1ull << 40) - 8)),
	ROW(EXIT_MSR_LOAD_COUNT, VALUE(EXIT_MSR_LOAD_COUNT, 513), VALUE(EXIT_MSR_LOAD_ADDRESS, 0)),
	ROW(ENTRY_CONTROLS, LESS(ENTRY_CONTROLS, 1)),
	ROW(ENTRY_MSR_LOAD_ADDRESS, VALUE(ENTRY_MSR_LOAD_COUNT, 2),
	    VALUE(ENTRY_MSR_LOAD_ADDRESS, (1ull << 40) - 16)),
	ROW(ENTRY_MSR_LOAD_COUNT, VALUE(ENTRY_MSR_LOAD_COUNT, 513),
	    VALUE(ENTRY_MSR_LOAD_ADDRESS, 0)),
	ROW(ENTRY_CONTROLS, WITH(ENTRY_CONTROLS, VMX_ENTRY_ENTRY_TO_SMM)),

	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x100)),
	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x203)),
	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x320)),
	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x701)),
	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x30d)),
	ROW(ENTRY_INTERRUPTION_INFORMATION, EVENT(0x2306)),
	ROW(ENTRY_EXCEPTION_ERROR_CODE, EVENT(0xb0d), VALUE(ENTRY_EXCEPTION_ERROR_CODE, 0x10000)),
	ROW(ENTRY_INSTRUCTION_LENGTH, EVENT(0x420), VALUE(ENTRY_INSTRUCTION_LENGTH, 16)),
	ROW(GUEST_RFLAGS, EVENT(0x020), LESS(GUEST_RFLAGS, RFLAGS_IF)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, EVENT(0x020), IF_ON, BLOCKED(1)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, EVENT(0x202), BLOCKED(2)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, EVENT(0x202), BLOCKED(8),
	    WITH(PIN_FIELD, VMX_PIN_NMI_EXITING | VMX_PIN_VIRTUAL_NMIS)),
	ROW(GUEST_ACTIVITY_STATE, EVENT(0x420), VALUE(ENTRY_INSTRUCTION_LENGTH, 2), ACTIVITY(1)),
	ROW(GUEST_ACTIVITY_STATE, EVENT(0x020), IF_ON, ACTIVITY(2)),
	ROW(GUEST_ACTIVITY_STATE, EVENT(0x202), ACTIVITY(3)),

	ROW(HOST_CR0, LESS(HOST_CR0, CR0_NE)),
	ROW(HOST_CR4, LESS(HOST_CR4, CR4_VMXE)),
	ROW(HOST_CR4, WITH(HOST_CR4, CR4_CET), LESS(HOST_CR0, CR0_WP)),
	ROW(HOST_CR3, WITH(HOST_CR3, TOO_HIGH)),
	ROW(HOST_IA32_SYSENTER_ESP, VALUE(HOST_IA32_SYSENTER_ESP, NOT_CANONICAL)),
	ROW(HOST_IA32_SYSENTER_EIP, VALUE(HOST_IA32_SYSENTER_EIP, NOT_CANONICAL)),
	ROW(HOST_IA32_PAT, VALUE(HOST_IA32_PAT, 2)),
	ROW(HOST_IA32_EFER, LESS(HOST_IA32_EFER, EFER_LMA)),
	ROW(HOST_ES_SELECTOR, WITH(HOST_ES_SELECTOR, 4)),
	ROW(HOST_CS_SELECTOR, WITH(HOST_CS_SELECTOR, 1)),
	ROW(HOST_SS_SELECTOR, WITH(HOST_SS_SELECTOR, 2)),
	ROW(HOST_DS_SELECTOR, WITH(HOST_DS_SELECTOR, 4)),
	ROW(HOST_FS_SELECTOR, WITH(HOST_FS_SELECTOR, 3)),
	ROW(HOST_GS_SELECTOR, WITH(HOST_GS_SELECTOR, 4)),
	ROW(HOST_TR_SELECTOR, WITH(HOST_TR_SELECTOR, 4)),
	ROW(HOST_CS_SELECTOR, VALUE(HOST_CS_SELECTOR, 0)),
	ROW(HOST_TR_SELECTOR, VALUE(HOST_TR_SELECTOR, 0)),
	ROW(HOST_SS_SELECTOR, LESS(EXIT_CONTROLS, VMX_EXIT_HOST_ADDRESS_SPACE_SIZE),
	    VALUE(HOST_IA32_EFER, 0), VALUE(HOST_SS_SELECTOR, 0)),
	ROW(HOST_FS_BASE, VALUE(HOST_FS_BASE, NOT_CANONICAL)),
	ROW(HOST_GS_BASE, VALUE(HOST_GS_BASE, NOT_CANONICAL)),
	ROW(HOST_GDTR_BASE, VALUE(HOST_GDTR_BASE, NOT_CANONICAL)),
	ROW(HOST_IDTR_BASE, VALUE(HOST_IDTR_BASE, NOT_CANONICAL)),
	ROW(HOST_TR_BASE, VALUE(HOST_TR_BASE, NOT_CANONICAL)),
	ROW(EXIT_CONTROLS, LESS(EXIT_CONTROLS, VMX_EXIT_HOST_ADDRESS_SPACE_SIZE),
	    VALUE(HOST_IA32_EFER, 0), VALUE(HOST_SS_SELECTOR, 0x10)),
	ROW(HOST_CR4, LESS(HOST_CR4, CR4_PAE)),
	ROW(HOST_RIP, VALUE(HOST_RIP, NOT_CANONICAL)),
	ROW(HOST_IA32_S_CET, VALUE(HOST_IA32_S_CET, 0x40)),
	ROW(HOST_SSP, VALUE(HOST_SSP, 1)),
	ROW(HOST_IA32_INTERRUPT_SSP_TABLE, VALUE(HOST_IA32_INTERRUPT_SSP_TABLE, NOT_CANONICAL)),

	ROW(GUEST_CR0, LESS(GUEST_CR0, CR0_NE)),
	ROW(GUEST_CR0, LESS(GUEST_CR0, CR0_PE)),
	ROW(GUEST_CR4, LESS(GUEST_CR4, CR4_VMXE)),
	ROW(GUEST_CR4, WITH(GUEST_CR4, CR4_CET), LESS(GUEST_CR0, CR0_WP)),
	ROW(GUEST_IA32_DEBUGCTL, VALUE(GUEST_IA32_DEBUGCTL, 8)),
	ROW(GUEST_CR0, LESS(GUEST_CR0, CR0_PG)),
	ROW(GUEST_CR4, LESS(GUEST_CR4, CR4_PAE)),
	ROW(GUEST_CR4, NO_IA32E, WITH(GUEST_CR4, CR4_PCIDE)),
	ROW(GUEST_CR3, WITH(GUEST_CR3, TOO_HIGH)),
	ROW(GUEST_DR7, VALUE(GUEST_DR7, 1ull << 32)),
	ROW(GUEST_IA32_SYSENTER_ESP, VALUE(GUEST_IA32_SYSENTER_ESP, NOT_CANONICAL)),
	ROW(GUEST_IA32_SYSENTER_EIP, VALUE(GUEST_IA32_SYSENTER_EIP, NOT_CANONICAL)),
	ROW(GUEST_IA32_PAT, VALUE(GUEST_IA32_PAT, 3)),
	ROW(GUEST_IA32_EFER, WITH(GUEST_IA32_EFER, 1ull << 20)),
	ROW(GUEST_IA32_EFER, LESS(GUEST_IA32_EFER, EFER_LMA)),
	ROW(GUEST_IA32_S_CET, VALUE(GUEST_IA32_S_CET, 0x40)),
	ROW(GUEST_SSP, VALUE(GUEST_SSP, 2)),
	ROW(GUEST_IA32_INTERRUPT_SSP_TABLE, VALUE(GUEST_IA32_INTERRUPT_SSP_TABLE, NOT_CANONICAL)),
	ROW(GUEST_GDTR_BASE, VALUE(GUEST_GDTR_BASE, NOT_CANONICAL)),
	ROW(GUEST_IDTR_BASE, VALUE(GUEST_IDTR_BASE, NOT_CANONICAL)),
	ROW(GUEST_GDTR_LIMIT, VALUE(GUEST_GDTR_LIMIT, 0x10000)),
	ROW(GUEST_IDTR_LIMIT, VALUE(GUEST_IDTR_LIMIT, 0x10000)),
	ROW(GUEST_RIP, VALUE(GUEST_RIP, NOT_CANONICAL)),
	ROW(GUEST_RFLAGS, WITH(GUEST_RFLAGS, 8)),
	ROW(GUEST_RFLAGS, WITH(GUEST_RFLAGS, RFLAGS_VM)),
	ROW(GUEST_PDPTE0, NO_IA32E, VALUE(GUEST_PDPTE0, 3)),
	ROW(GUEST_PDPTE1, NO_IA32E, VALUE(GUEST_PDPTE1, 1 | TOO_HIGH)),
	ROW(GUEST_PDPTE2, NO_IA32E, VALUE(GUEST_PDPTE2, 5)),
	ROW(GUEST_PDPTE3, NO_IA32E, VALUE(GUEST_PDPTE3, 0x101)),

	ROW(GUEST_ACTIVITY_STATE, ACTIVITY(4)),
	ROW(GUEST_ACTIVITY_STATE, ACTIVITY(1), WITH(GUEST_SS_ACCESS_RIGHTS, 0x60)),
	ROW(GUEST_ACTIVITY_STATE, ACTIVITY(1), BLOCKED(2)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, BLOCKED(0x20)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, IF_ON, BLOCKED(3)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, LESS(GUEST_RFLAGS, RFLAGS_IF), BLOCKED(1)),
	ROW(GUEST_INTERRUPTIBILITY_STATE, BLOCKED(4)),
	ROW(GUEST_PENDING_DEBUG_EXCEPTIONS, VALUE(GUEST_PENDING_DEBUG_EXCEPTIONS, 0x10)),
	ROW(GUEST_PENDING_DEBUG_EXCEPTIONS, BLOCKED(2), WITH(GUEST_RFLAGS, RFLAGS_TF)),
	ROW(VMCS_LINK_POINTER, VALUE(VMCS_LINK_POINTER, 1)),

	ROW(GUEST_TR_SELECTOR, WITH(GUEST_TR_SELECTOR, 4)),
	ROW(GUEST_LDTR_SELECTOR, LDTR_USABLE(0x82), VALUE(GUEST_LDTR_SELECTOR, 4)),
	ROW(GUEST_SS_SELECTOR, RESTRICTED, WITH(GUEST_SS_SELECTOR, 1)),
	ROW(GUEST_ES_BASE, NO_IA32E, WITH(GUEST_RFLAGS, RFLAGS_VM), VALUE(GUEST_ES_SELECTOR, 0x10)),
	ROW(GUEST_FS_BASE, VALUE(GUEST_FS_BASE, NOT_CANONICAL)),
	ROW(GUEST_LDTR_BASE, LDTR_USABLE(0x82), VALUE(GUEST_LDTR_BASE, NOT_CANONICAL)),
	ROW(GUEST_CS_BASE, VALUE(GUEST_CS_BASE, 1ull << 32)),
	ROW(GUEST_SS_BASE, VALUE(GUEST_SS_BASE, 1ull << 32)),
	ROW(GUEST_ES_LIMIT, NO_IA32E, WITH(GUEST_RFLAGS, RFLAGS_VM), VALUE(GUEST_ES_LIMIT, 0xfffe)),
	ROW(GUEST_ES_ACCESS_RIGHTS, NO_IA32E, WITH(GUEST_RFLAGS, RFLAGS_VM),
	    VALUE(GUEST_ES_LIMIT, 0xffff), VALUE(GUEST_ES_ACCESS_RIGHTS, 0x93)),
	ROW(GUEST_CS_ACCESS_RIGHTS, VALUE(GUEST_CS_ACCESS_RIGHTS, 0xa091)),
	ROW(GUEST_SS_ACCESS_RIGHTS, VALUE(GUEST_SS_ACCESS_RIGHTS, 0xc091)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0xc092)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0xc099)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0xc083)),
	ROW(GUEST_CS_ACCESS_RIGHTS, VALUE(GUEST_CS_ACCESS_RIGHTS, 0xa0fb)),
	ROW(GUEST_SS_ACCESS_RIGHTS, RESTRICTED, VALUE(GUEST_CS_ACCESS_RIGHTS, 0xa09f),
	    VALUE(GUEST_SS_ACCESS_RIGHTS, 0xc0b3)),
	ROW(GUEST_SS_ACCESS_RIGHTS, VALUE(GUEST_CS_ACCESS_RIGHTS, 0xc093),
	    VALUE(GUEST_SS_ACCESS_RIGHTS, 0xc0b3)),
	ROW(GUEST_DS_ACCESS_RIGHTS, RESTRICTED, DS_USABLE(0xc093), WITH(GUEST_DS_SELECTOR, 3)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0xc013)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0xc193)),
	ROW(GUEST_CS_ACCESS_RIGHTS, VALUE(GUEST_CS_ACCESS_RIGHTS, 0xe09b)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0x4093)),
	ROW(GUEST_DS_ACCESS_RIGHTS, DS_USABLE(0x2c093)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x89)),
	ROW(GUEST_LDTR_ACCESS_RIGHTS, LDTR_USABLE(0x83)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x9b)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x0b)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x18b)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x8b),
	    VALUE(GUEST_TR_LIMIT, 0x100000)),
	ROW(GUEST_TR_ACCESS_RIGHTS, VALUE(GUEST_TR_ACCESS_RIGHTS, 0x1008b)),
};

static const struct bf_vmx_rule *const tables[] = {
	bf_vmx_control_rules, bf_vmx_event_rules,     bf_vmx_host_rules,
	bf_vmx_guest_rules,   bf_vmx_run_state_rules,
};

static struct bf_report reports[COUNT(rows)];

static void break_row(size_t i)
{
	for (const struct poke *p = rows[i].poke; p < rows[i].poke + POKES && (p->set | p->clear);
	     p++)
		mock_vmcs_set(p->field, (mock_vmcs_get(p->field) & ~p->clear) | p->set);
}

static int start(void **state)
{
	(void)state;
	mock_reset_with(&mock_intel, 1, 0, MOCK_EXOTIC);
	int status = mock_vmm_start("");

	if (status)
		print_error("%s: 0x%lx: %s\n", mock_boot.report.what, mock_boot.report.value,
			    mock_boot.report.rule);
	return status;
}

/* Fills reports[]: one for each row, every time from a state that is in order. */
static void each_row(void **state)
{
	static uint8_t saved[BF_PAGE_SIZE];
	void *vmcs = bf_phys_to_virt(mock_this()->vmcs_pa);

	(void)state;
	memcpy(saved, vmcs, sizeof(saved));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_report *r = &reports[i];

		assert_int_equal(bf_hv->entry_check(mock_vcpu(), r), 0);
		break_row(i);
		int status = bf_hv->entry_check(mock_vcpu(), r);
		if (status != BF_EENTRY || strcmp(r->what, rows[i].what))
			fail_msg("row %zu: %s wanted, got %d, %s: %s", i, rows[i].what, status,
				 r->what, r->rule);
		memcpy(vmcs, saved, sizeof(saved));
	}
}

static bool reported(const char *field, const char *text)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if ((!field || !strcmp(reports[i].what, field)) && !strcmp(reports[i].rule, text))
			return true;
	return false;
}

/* Runs after each_row(). */
static void each_rule(void **state)
{
	uint32_t missing = 0, count = 0;

	(void)state;
	if (!reports[COUNT(rows) - 1].code)
		fail_msg("each_row() has not got to its end");
	for (size_t t = 0; t < COUNT(tables); t++)
		for (const struct bf_vmx_rule *r = tables[t]; r->holds; r++, count++)
			if (!reported(bf_vmcs_name(r->field), r->text)) {
				print_error("never broken: %s: %s\n", bf_vmcs_name(r->field),
					    r->text);
				missing++;
			}
	for (size_t i = 0; i < COUNT(rules); i++, count++)
		if (!reported(NULL, rules[i].text)) {
			print_error("never broken: segment: %s\n", rules[i].text);
			missing++;
		}
	assert_int_equal(missing, 0);
	assert_true(count > 130);
}

/* A refused first entry comes back as the name of what is wrong, and the CPU as a bare one. */
static void first_entry(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 1);
	assert_int_equal(mock_vmm_init(""), 0);
	mock_switch[0].world.rflags = RFLAGS_FIXED | 8;
	assert_int_equal(mock_vmm_start_cpu(0), BF_EENTRY);
	assert_string_equal(mock_boot.report.what, "GUEST_RFLAGS");
	assert_false(mock_this()->vmx_on);
}

#define EXIT_PAUSE         40
#define EXIT_ENTRY_FAILURE 0x80000021

/* Some CPUs save an EIP of 4 GiB, which no entry takes. 64-bit code has no such excuse. */
static void entry_behind_4_gib(void **state)
{
	static const struct {
		uint64_t access, rip;
		enum mock_end end;
	} rows[] = {
		{0xc09b, 1ull << 32, MOCK_RETURNED},
		{0xa09b, 1ull << 32, MOCK_HALTED},
		{0xc09b, 0xfffffffe, MOCK_HALTED}, /* it is something else */
	};
	struct mock_exit pause = {.reason = EXIT_PAUSE, .length = 2};
	struct mock_exit failure = {.reason = EXIT_ENTRY_FAILURE};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		mock_reset(&mock_intel, 1);
		assert_int_equal(mock_vmm_start(""), 0);
		assert_int_equal(mock_guest_exit(mock_vcpu(), &pause).end, MOCK_RETURNED);
		bf_vcpu_set(mock_vcpu(), BF_CS_ACCESS, rows[i].access);
		bf_vcpu_set(mock_vcpu(), BF_RIP, rows[i].rip);
		assert_int_equal(mock_guest_exit(mock_vcpu(), &failure).end, rows[i].end);
		if (rows[i].end == MOCK_RETURNED)
			assert_int_equal(bf_vcpu_get(mock_vcpu(), BF_RIP), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_row, start),
		cmocka_unit_test(each_rule),
		cmocka_unit_test(first_entry),
		cmocka_unit_test(entry_behind_4_gib),
	};

	return cmocka_run_group_tests_name("vmx_check", tests, NULL, NULL);
}
