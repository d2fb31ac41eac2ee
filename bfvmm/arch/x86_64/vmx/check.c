/* SPDX-License-Identifier: MIT */
/* Walks the rule tables over the current VMCS. */
#include <bfvmm/report.h>
#include <vmx/check.h>

uint64_t bf_vmx_check_read(uint32_t field)
{
	uint64_t value;

	return bf_hw_vmread_safe(field, &value) ? value : 0;
}

int bf_vmx_broken(struct bf_report *report, uint32_t field, uint64_t value, const char *text)
{
	return bf_report(report, BF_EENTRY, bf_vmcs_name(field), value, "%s", text);
}

bool bf_vmx_physical(const struct bf_vmx_check *c, uint64_t address, uint64_t alignment)
{
	return !(address & (alignment - 1)) && !(address >> c->caps->pa_bits);
}

bool bf_vmx_canonical(const struct bf_vmx_check *c, uint64_t address)
{
	uint32_t unused = 64 - c->caps->va_bits;

	return (uint64_t)((int64_t)(address << unused) >> unused) == address;
}

bool bf_vmx_pat_types(uint64_t pat)
{
	const uint32_t types = 1u << 0 | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7;

	for (int i = 0; i < 64; i += 8) {
		uint32_t type = pat >> i & 0xff;

		if (type > 7 || !(types >> type & 1))
			return false;
	}
	return true;
}

static void gather(struct bf_vmx_check *c)
{
	uint32_t event = (uint32_t)F(ENTRY_INTERRUPTION_INFORMATION);

	*c = (struct bf_vmx_check){
		.caps = &bf_vmx_caps,
		.ctl[VMX_PIN] = (uint32_t)F(PIN_BASED_CONTROLS),
		.ctl[VMX_PROC] = (uint32_t)F(PROCESSOR_CONTROLS),
		.ctl[VMX_EXIT] = (uint32_t)F(EXIT_CONTROLS),
		.ctl[VMX_ENTRY] = (uint32_t)F(ENTRY_CONTROLS),
		.cr0 = F(GUEST_CR0),
		.cr4 = F(GUEST_CR4),
		.rflags = F(GUEST_RFLAGS),
		.event = event & VMX_INFO_VALID ? event : 0,
		.blocking = (uint32_t)F(GUEST_INTERRUPTIBILITY_STATE),
		.activity = (uint32_t)F(GUEST_ACTIVITY_STATE),
	};
	if (c->ctl[VMX_PROC] & VMX_PROC_SECONDARY_CONTROLS)
		c->ctl[VMX_PROC2] = (uint32_t)F(SECONDARY_PROCESSOR_CONTROLS);
	c->unrestricted = c->ctl[VMX_PROC2] & VMX_PROC2_UNRESTRICTED_GUEST;
	c->ia32e = c->ctl[VMX_ENTRY] & VMX_ENTRY_IA32E_MODE_GUEST;
	c->v86 = c->rflags & RFLAGS_VM;
}

/* A field that the CPU does not have breaks no rule. */
static int walk(const struct bf_vmx_rule *rule, const struct bf_vmx_check *c,
		struct bf_report *report)
{
	uint64_t value;

	for (; rule->holds; rule++)
		if (bf_hw_vmread_safe(rule->field, &value) && !rule->holds(c, value))
			return bf_vmx_broken(report, rule->field, value, rule->text);
	return 0;
}

int bf_vmx_entry_check(struct bf_vcpu *vcpu, struct bf_report *report)
{
	static const struct bf_vmx_rule *const tables[] = {
		bf_vmx_control_rules, bf_vmx_event_rules,     bf_vmx_host_rules,
		bf_vmx_guest_rules,   bf_vmx_run_state_rules,
	};
	struct bf_vmx_check c;
	int status = 0;

	(void)vcpu;
	gather(&c);
	for (uint32_t i = 0; !status && i < sizeof(tables) / sizeof(tables[0]); i++)
		status = walk(tables[i], &c, report);
	return status ? status : bf_vmx_check_segments(&c, report);
}
