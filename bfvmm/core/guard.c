/* SPDX-License-Identifier: MIT */
/* Extensions that misbehave: found out, named, disabled. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/chain.h>
#include <bfvmm/guard.h>

static const struct bf_ext *culprit(const struct bf_pcpu *pcpu)
{
	if (pcpu->suspect)
		return pcpu->suspect;
	return pcpu->vcpu && pcpu->vcpu->running ? pcpu->vcpu->running->ext : NULL;
}

void bf_guard_trip(const struct bf_trip *why)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	const struct bf_ext *ext = pcpu && pcpu->guard ? culprit(pcpu) : NULL;

	if (!ext)
		return;
	if (pcpu->locks) {
		bf_error("extension %s: faults with a lock of the VMM held", ext->descriptor->name);
		return;
	}
	pcpu->trip = *why;
	bf_guard_unwind(pcpu->guard);
}

static void disable(struct bf_ext *ext)
{
	ext->disabled = true;
	bf_hooks_remove(ext);
	bf_error("extension %s: disabled, its hooks are gone; the control VM goes on",
		 ext->descriptor->name);
}

void bf_blame_trip(struct bf_ext *ext)
{
	const struct bf_trip *t = &bf_this_pcpu()->trip;

	bf_error("extension %s: exception %lu (error code 0x%lx) at 0x%lx, address 0x%lx%s",
		 ext->descriptor->name, t->vector, t->error_code, t->rip, t->address,
		 t->stack ? ": stack overflow" : "");
	disable(ext);
}

uint64_t bf_call_ext(struct bf_ext *ext, uint64_t (*fn)(void *ctx), void *ctx)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	struct bf_ext *outer = pcpu->suspect;
	uint64_t result;

	pcpu->suspect = ext;
	result = bf_guarded(fn, ctx, &pcpu->guard);
	pcpu->suspect = outer;
	if (result == BF_TRIPPED)
		bf_blame_trip(ext);
	return result;
}

void bf_blame_verdict(const struct bf_link *link, uint32_t verdict)
{
	bf_error("extension %s: verdict %u does not exist here; taken as BF_PASS",
		 link->ext->descriptor->name, verdict);
	disable(link->ext);
}
