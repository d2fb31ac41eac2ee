/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The register state of a CPU in vendor-neutral form: what a vCPU is made from and what a CPU
 * goes back to.
 */
#ifndef BFVMM_STATE_H
#define BFVMM_STATE_H

#include <bareframe/vcpu.h>
#include <bfabi/switch.h>
#include <bfabi/types.h>

/* Access rights: the format of the VMX access-rights fields (SDM 25.4.1). */
#define BF_AR_TYPE     0x000f
#define BF_AR_S        0x0010
#define BF_AR_DPL      0x0060
#define BF_AR_P        0x0080
#define BF_AR_L        0x2000
#define BF_AR_DB       0x4000
#define BF_AR_G        0x8000
#define BF_AR_UNUSABLE 0x10000

struct bf_segment {
	uint16_t selector;
	uint32_t access;
	uint32_t limit;
	uint64_t base;
};

struct bf_state {
	uint64_t rip, rsp, rflags;
	uint64_t cr0, cr2, cr3, cr4;
	uint64_t efer, pat, debugctl, dr6, dr7;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	struct bf_segment seg[BF_SEG_COUNT];
	struct bf_segment ldtr, tr;
	uint64_t gdtr_base, idtr_base;
	uint16_t gdtr_limit, idtr_limit;
};

/**
 * Completes @p state for the world in @p world from this CPU's MSRs and debug registers and
 * from the descriptors in @p gdt, a copy of the world's GDT of @p gdt_bytes bytes.
 */
void bf_state_capture(struct bf_state *state, const struct bf_world *world, const uint8_t *gdt,
		      uint32_t gdt_bytes);

/** Writes to this CPU what a switch back does not restore, and the rest to @p world. */
void bf_state_release(const struct bf_state *state, struct bf_world *world);

#endif
