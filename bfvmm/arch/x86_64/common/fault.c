/* SPDX-License-Identifier: MIT */
/* Exceptions and NMIs that hit the VMM itself. */
#include <stdbool.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/call.h>
#include <bfvmm/guard.h>
#include <bfvmm/msr.h>
#include <bfvmm/nmi.h>
#include <bfvmm/panic.h>
#include <bfvmm/vcpu.h>
#include <common/frame.h>

/* Pairs of addresses from BF_HW_GUARDED, gathered by the linker. */
struct fixup {
	uint64_t at, resume;
};

extern const struct fixup bf_fixups_start[], bf_fixups_end[];

static bool fix_up(struct bf_frame *frame)
{
	for (const struct fixup *f = bf_fixups_start; f < bf_fixups_end; f++) {
		if (f->at != frame->rip)
			continue;
		frame->rip = f->resume;
		frame->rflags |= RFLAGS_CF;
		return true;
	}
	return false;
}

/*
 * An NMI that is not a kick of ours belongs to whoever owns the machine: the guest, or the world on
 * the other side.
 */
static void nmi(struct bf_frame *frame)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	bool guests = !bf_kick_take(pcpu);

	if (guests && pcpu->vcpu)
		bf_vcpu_pend(pcpu->vcpu, BF_PENDING_NMI);
	else if (guests)
		pcpu->sw->nmi_pending = 1;
	if (frame->rip >= (uint64_t)bf_nmi_window_start && frame->rip < (uint64_t)bf_nmi_window_end)
		frame->rip = (uint64_t)bf_nmi_window_restart;
}

static uint64_t stack_window(void)
{
	return (uint64_t)__builtin_frame_address(0) & ~(BF_STACK_WINDOW - 1);
}

/* What is below the main stack of this CPU. */
static bool in_stack_guard(uint64_t address)
{
	return address - stack_window() < BF_STACK_MAIN;
}

/*
 * Whether the code that ran brought this upon itself. Machine checks come from outside, and the
 * handlers on the other stacks (NMI, #DF, #MC) are the VMM's own, whatever they have interrupted.
 */
static bool by_code(const struct bf_frame *frame)
{
	uint64_t at = frame->rsp - stack_window();

	return frame->vector != BF_VECTOR_MC && (at <= BF_STACK_NMI || at > BF_STACK_MC_TOP);
}

static uint64_t address_of(const struct bf_frame *frame)
{
	bool has = frame->vector == BF_VECTOR_PF || frame->vector == BF_VECTOR_DF;

	return has ? bf_hw_read_cr2() : 0;
}

void bf_fault(struct bf_frame *frame)
{
	if (frame->vector == BF_VECTOR_NMI) {
		nmi(frame);
		return;
	}
	if ((frame->vector == BF_VECTOR_GP || frame->vector == BF_VECTOR_UD) && fix_up(frame))
		return;
	if (by_code(frame))
		bf_guard_trip(&(struct bf_trip){
			.vector = frame->vector,
			.error_code = frame->error_code,
			.rip = frame->rip,
			.address = address_of(frame),
			.stack = in_stack_guard(address_of(frame)),
		});
	bf_panic("exception %lu (error code 0x%lx) in the VMM at 0x%lx, CR2 0x%lx, RSP 0x%lx, "
		 "RAX 0x%lx RCX 0x%lx RDX 0x%lx RBX 0x%lx RSI 0x%lx RDI 0x%lx",
		 frame->vector, frame->error_code, frame->rip, bf_hw_read_cr2(), frame->rsp,
		 frame->rax, frame->rcx, frame->rdx, frame->rbx, frame->rsi, frame->rdi);
}
