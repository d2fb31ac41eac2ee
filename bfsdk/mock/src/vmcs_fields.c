/* SPDX-License-Identifier: MIT */
/*
 * SDM volume 3, appendix B: runs of field encodings, each with the feature that it depends on.
 * Written from the appendix, not from the backend's table, so that one checks the other.
 */
#include <stddef.h>
#include "vmcs.h"

struct run {
	uint16_t first, last;
	uint32_t feature;
};

static const struct run runs[] = {
	{0x0000, 0x0000, MOCK_VPID},         /* VPID */
	{0x0800, 0x080e, 0},                 /* guest selectors */
	{0x0812, 0x0812, MOCK_EPT_1G},       /* PML index */
	{0x0c00, 0x0c0c, 0},                 /* host selectors */
	{0x2000, 0x2002, 0},                 /* I/O bitmaps */
	{0x2004, 0x2004, MOCK_MSR_BITMAP},   /* MSR bitmap */
	{0x2006, 0x200c, 0},                 /* MSR areas, executive VMCS */
	{0x200e, 0x200e, MOCK_EPT_1G},       /* PML address */
	{0x2010, 0x2010, 0},                 /* TSC offset */
	{0x2012, 0x2012, 0},                 /* virtual-APIC address */
	{0x2014, 0x2014, MOCK_SECONDARY},    /* APIC-access address */
	{0x201a, 0x201a, MOCK_EPT},          /* EPT pointer */
	{0x202c, 0x202c, MOCK_XSAVES},       /* XSS-exiting bitmap */
	{0x2032, 0x2032, MOCK_TSC_SCALING},  /* TSC multiplier */
	{0x2400, 0x2400, MOCK_EPT},          /* guest-physical address */
	{0x2800, 0x2802, 0},                 /* VMCS link pointer, DEBUGCTL */
	{0x2804, 0x2804, MOCK_PAT_LOAD},     /* guest PAT */
	{0x2806, 0x2806, MOCK_EFER_LOAD},    /* guest EFER */
	{0x280a, 0x2810, MOCK_EPT},          /* PDPTEs */
	{0x2c00, 0x2c00, MOCK_PAT_LOAD},     /* host PAT */
	{0x2c02, 0x2c02, MOCK_EFER_LOAD},    /* host EFER */
	{0x4000, 0x401c, 0},                 /* controls, up to the TPR threshold */
	{0x401e, 0x401e, MOCK_SECONDARY},    /* secondary controls */
	{0x4020, 0x4022, MOCK_UNRESTRICTED}, /* PLE gap and window */
	{0x4400, 0x440e, 0},                 /* exit information */
	{0x4800, 0x482a, 0},                 /* guest limits … SYSENTER_CS, SMBASE */
	{0x482e, 0x482e, MOCK_PREEMPTION},   /* preemption timer */
	{0x4c00, 0x4c00, 0},                 /* host SYSENTER_CS */
	{0x6000, 0x600e, 0},                 /* CR masks, shadows, CR3 targets */
	{0x6400, 0x640a, 0},                 /* exit information */
	{0x6800, 0x6826, 0},                 /* guest CRs, bases, RSP, RIP, RFLAGS … */
	{0x6c00, 0x6c16, 0},                 /* host CRs, bases, RSP, RIP */
	{0x0002, 0x0004, MOCK_EXOTIC},       /* posted interrupts, EPTP index */
	{0x0810, 0x0810, MOCK_EXOTIC},       /* guest interrupt status */
	{0x2016, 0x2018, MOCK_EXOTIC},       /* posted interrupts, VM functions */
	{0x201c, 0x202a, MOCK_EXOTIC},       /* EOI bitmaps … #VE information */
	{0x202e, 0x2030, MOCK_EXOTIC},       /* ENCLS bitmap, sub-page permissions */
	{0x2034, 0x203e, MOCK_EXOTIC},       /* tertiary controls … PCONFIG bitmap */
	{0x6828, 0x682c, MOCK_EXOTIC},       /* guest CET state */
	{0x6c18, 0x6c1c, MOCK_EXOTIC},       /* host CET state */
};

#define RUNS (sizeof(runs) / sizeof(runs[0]))

uint64_t *mock_vmcs_slot(struct mock_vmcs *vmcs, uint32_t encoding)
{
	uint32_t full = encoding & ~1u, slot = 0;

	if (VMCS_HIGH(encoding) && VMCS_WIDTH(encoding) != 1)
		return NULL;
	for (size_t i = 0; i < RUNS; i++) {
		const struct run *r = &runs[i];

		if (full >= r->first && full <= r->last && !(r->feature & ~mock.features))
			return &vmcs->field[slot + (full - r->first) / 2];
		slot += (r->last - r->first) / 2 + 1;
	}
	return NULL;
}

void mock_vmcs_each(void (*fn)(uint32_t encoding, void *ctx), void *ctx)
{
	for (size_t i = 0; i < RUNS; i++)
		for (uint32_t e = runs[i].first; e <= runs[i].last; e += 2)
			if (!(runs[i].feature & ~mock.features))
				fn(e, ctx);
}
