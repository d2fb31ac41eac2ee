/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on Guest Segment Registers". */
#include <vmx/check.h>

enum part {
	SELECTOR,
	BASE,
	LIMIT,
	ACCESS
};

/* Sets of segments that a rule is about. */
#define ES        (1u << VMCS_ES)
#define CS        (1u << VMCS_CS)
#define SS        (1u << VMCS_SS)
#define DS        (1u << VMCS_DS)
#define FS        (1u << VMCS_FS)
#define GS        (1u << VMCS_GS)
#define LDTR      (1u << VMCS_LDTR)
#define TR        (1u << VMCS_TR)
#define DATA      (DS | ES | FS | GS)
#define CODE_DATA (CS | SS | DATA)

/* When a rule applies. */
enum when {
	ALL,     /* always */
	USABLE,  /* the segment is usable; CS and TR always are */
	V86,     /* in virtual-8086 mode */
	NOT_V86, /* outside it, usable or not */
	NORMAL   /* outside it, usable */
};

struct segment {
	uint16_t selector;
	uint64_t base;
	uint32_t limit, access;
	uint32_t type, dpl, rpl;
	uint32_t ss_dpl, cs_type, cs_rpl;
};

#define TYPE_DATA_ACCESSED 3u
#define SELECTOR_TI        4u
#define LIMIT_64K          0xffffu
#define AR_V86             0xf3u
#define AR_RESERVED        0x0f00u
#define AR_RESERVED_HIGH   0xfffe0000u

static bool code_type(uint32_t type)
{
	return (type & 9) == 9;
}

static bool code_dpl(const struct segment *s)
{
	if (s->type == TYPE_DATA_ACCESSED)
		return !s->dpl;
	return s->type & 4 ? s->dpl <= s->ss_dpl : s->dpl == s->ss_dpl;
}

static bool granularity(const struct segment *s)
{
	bool g = s->access & BF_AR_G;

	return IF((s->limit & 0xfff) != 0xfff, !g) && IF(s->limit >> 20, g);
}

/* X(id, segments, when, part, condition on c and s, text) */
#define RULES(X)                                                                                   \
	X(tr_ti, TR, ALL, SELECTOR, !(s->selector & SELECTOR_TI), "TI is 0")                       \
	X(ldtr_ti, LDTR, USABLE, SELECTOR, !(s->selector & SELECTOR_TI), "TI is 0")                \
	X(ss_rpl, SS, NOT_V86, SELECTOR, IF(!c->unrestricted, s->rpl == s->cs_rpl),                \
	  "RPL equals that of CS unless the guest is unrestricted")                                \
	X(v86_base, CODE_DATA, V86, BASE, s->base == (uint64_t)s->selector << 4,                   \
	  "selector times 16 in virtual-8086 mode")                                                \
	X(system_base, TR | FS | GS, ALL, BASE, bf_vmx_canonical(c, s->base),                      \
	  "a canonical address")                                                                   \
	X(ldtr_base, LDTR, USABLE, BASE, bf_vmx_canonical(c, s->base), "a canonical address")      \
	X(cs_base, CS, ALL, BASE, !(s->base >> 32), "bits 63:32 are 0")                            \
	X(flat_base, SS | DS | ES, USABLE, BASE, !(s->base >> 32), "bits 63:32 are 0")             \
	X(v86_limit, CODE_DATA, V86, LIMIT, s->limit == LIMIT_64K, "0xffff in virtual-8086 mode")  \
	X(v86_access, CODE_DATA, V86, ACCESS, s->access == AR_V86, "0xf3 in virtual-8086 mode")    \
	X(cs_type, CS, NOT_V86, ACCESS,                                                            \
	  code_type(s->type) || (c->unrestricted && s->type == TYPE_DATA_ACCESSED),                \
	  "type 9, 11, 13 or 15 (accessed code); 3 too if the guest is unrestricted")              \
	X(ss_type, SS, NORMAL, ACCESS, s->type == 3 || s->type == 7,                               \
	  "type 3 or 7 (writable, accessed data)")                                                 \
	X(data_accessed, DATA, NORMAL, ACCESS, s->type & 1, "type is accessed")                    \
	X(data_readable, DATA, NORMAL, ACCESS, IF(s->type & 8, s->type & 2),                       \
	  "type is readable, if code")                                                             \
	X(s_bit, CODE_DATA, NORMAL, ACCESS, HAS(s->access, BF_AR_S), "S is 1")                     \
	X(cs_dpl, CS, NOT_V86, ACCESS, code_dpl(s),                                                \
	  "DPL 0 for type 3, that of SS for 9 and 11, not above that of SS for 13 and 15")         \
	X(ss_dpl, SS, NOT_V86, ACCESS, IF(!c->unrestricted, s->dpl == s->rpl),                     \
	  "DPL equals RPL unless the guest is unrestricted")                                       \
	X(ss_dpl_real, SS, NOT_V86, ACCESS,                                                        \
	  IF(s->cs_type == TYPE_DATA_ACCESSED || !(c->cr0 & CR0_PE), !s->dpl),                     \
	  "DPL is 0 in real mode and if the type of CS is 3")                                      \
	X(data_dpl, DATA, NORMAL, ACCESS, IF(!c->unrestricted && s->type <= 11, s->dpl >= s->rpl), \
	  "DPL is not below RPL unless the guest is unrestricted")                                 \
	X(present, CODE_DATA, NORMAL, ACCESS, HAS(s->access, BF_AR_P), "P is 1")                   \
	X(reserved, CODE_DATA, NORMAL, ACCESS, !(s->access & AR_RESERVED), "bits 11:8 are 0")      \
	X(cs_db, CS, NOT_V86, ACCESS,                                                              \
	  IF(c->ia32e && (s->access & BF_AR_L), !(s->access & BF_AR_DB)),                          \
	  "D/B is 0 if L is 1 in IA-32e mode")                                                     \
	X(grain, CODE_DATA, NORMAL, ACCESS, granularity(s), "G agrees with the limit")             \
	X(high, CODE_DATA, NORMAL, ACCESS, !(s->access & AR_RESERVED_HIGH), "bits 31:17 are 0")    \
	X(tr_type, TR, ALL, ACCESS, s->type == 11 || (!c->ia32e && s->type == 3),                  \
	  "type 11 (busy TSS); 3 too outside IA-32e mode")                                         \
	X(ldtr_type, LDTR, USABLE, ACCESS, s->type == 2, "type 2 (LDT)")                           \
	X(system_s, LDTR | TR, USABLE, ACCESS, !(s->access & BF_AR_S), "S is 0")                   \
	X(system_p, LDTR | TR, USABLE, ACCESS, HAS(s->access, BF_AR_P), "P is 1")                  \
	X(system_reserved, LDTR | TR, USABLE, ACCESS,                                              \
	  !(s->access & (AR_RESERVED | AR_RESERVED_HIGH)), "bits 11:8 and 31:17 are 0")            \
	X(system_grain, LDTR | TR, USABLE, ACCESS, granularity(s), "G agrees with the limit")      \
	X(tr_usable, TR, ALL, ACCESS, !(s->access & BF_AR_UNUSABLE), "usable")

#define FUNCTION(id, segments, when, part, condition, text)                                        \
	static bool id##_holds(const struct bf_vmx_check *c, const struct segment *s)              \
	{                                                                                          \
		(void)c;                                                                           \
		return condition;                                                                  \
	}
RULES(FUNCTION)

static const struct segment_rule {
	uint16_t segments;
	uint8_t when, part;
	bool (*holds)(const struct bf_vmx_check *c, const struct segment *s);
	const char *text;
} rules[] = {
#define ENTRY_OF(id, segments, when, part, condition, text)                                        \
	{(segments), (when), (part), id##_holds, (text)},
	RULES(ENTRY_OF)};

static void read_segment(struct segment *s, uint32_t i)
{
	uint32_t ss = (uint32_t)F(GUEST_SS_ACCESS_RIGHTS), cs = (uint32_t)F(GUEST_CS_ACCESS_RIGHTS);

	*s = (struct segment){
		.selector = (uint16_t)bf_vmx_check_read(VMCS_SELECTOR_OF(i)),
		.base = bf_vmx_check_read(VMCS_BASE_OF(i)),
		.limit = (uint32_t)bf_vmx_check_read(VMCS_LIMIT_OF(i)),
		.access = (uint32_t)bf_vmx_check_read(VMCS_ACCESS_OF(i)),
		.ss_dpl = ss >> 5 & 3,
		.cs_type = cs & BF_AR_TYPE,
		.cs_rpl = F(GUEST_CS_SELECTOR) & 3,
	};
	s->type = s->access & BF_AR_TYPE;
	s->dpl = s->access >> 5 & 3;
	s->rpl = s->selector & 3;
}

static bool applies(const struct segment_rule *rule, const struct bf_vmx_check *c, uint32_t i,
		    uint32_t access)
{
	bool usable = ((CS | TR) >> i & 1) || !(access & BF_AR_UNUSABLE);

	if (!(rule->segments >> i & 1))
		return false;
	switch ((enum when)rule->when) {
	case USABLE:
		return usable;
	case V86:
		return c->v86;
	case NOT_V86:
		return !c->v86;
	case NORMAL:
		return !c->v86 && usable;
	default:
		return true;
	}
}

static int broken(struct bf_report *report, const struct segment_rule *rule,
		  const struct segment *s, uint32_t i)
{
	const struct {
		uint32_t field;
		uint64_t value;
	} parts[] = {
		[SELECTOR] = {VMCS_SELECTOR_OF(i), s->selector},
		[BASE] = {VMCS_BASE_OF(i), s->base},
		[LIMIT] = {VMCS_LIMIT_OF(i), s->limit},
		[ACCESS] = {VMCS_ACCESS_OF(i), s->access},
	};

	return bf_vmx_broken(report, parts[rule->part].field, parts[rule->part].value, rule->text);
}

int bf_vmx_check_segments(const struct bf_vmx_check *c, struct bf_report *report)
{
	struct segment s;

	for (uint32_t i = 0; i < VMCS_SEGMENTS; i++) {
		read_segment(&s, i);
		for (uint32_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++)
			if (applies(&rules[r], c, i, s.access) && !rules[r].holds(c, &s))
				return broken(report, &rules[r], &s, i);
	}
	return 0;
}
