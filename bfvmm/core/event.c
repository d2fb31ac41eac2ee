/* SPDX-License-Identifier: MIT */
/* Events that hooks inject, and what comes of exceptions in the delivery of exceptions. */
#include <bareframe/log.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/event.h>
#include <bfvmm/msr.h>

#define BIT(vector) (1u << (vector))

#define VECTOR_BR 5
#define VECTOR_TS 10
#define VECTOR_NP 11
#define VECTOR_AC 17
#define VECTOR_VE 20
#define VECTOR_CP 21
#define VECTOR_VC 29
#define VECTOR_SX 30

#define INSTRUCTION_MAX 15 /* bytes */
#define NO_EVENT        UINT64_MAX

#define WITH_ERROR                                                                                 \
	(BIT(BF_VECTOR_DF) | BIT(VECTOR_TS) | BIT(VECTOR_NP) | BIT(BF_VECTOR_SS) |                 \
	 BIT(BF_VECTOR_GP) | BIT(BF_VECTOR_PF) | BIT(VECTOR_AC) | BIT(VECTOR_CP) |                 \
	 BIT(VECTOR_VC) | BIT(VECTOR_SX))

/* The classes that double faults are made of; each kind of CPU has but some of these. */
#define CONTRIBUTORY                                                                               \
	(BIT(BF_VECTOR_DE) | BIT(VECTOR_TS) | BIT(VECTOR_NP) | BIT(BF_VECTOR_SS) |                 \
	 BIT(BF_VECTOR_GP) | BIT(VECTOR_CP) | BIT(VECTOR_VC))
#define PAGE_FAULTS (BIT(BF_VECTOR_PF) | BIT(VECTOR_VE))

static bool in(uint32_t set, uint32_t vector)
{
	return vector < 32 && (set >> vector & 1);
}

bool bf_exception_has_error(uint32_t vector)
{
	return in(WITH_ERROR, vector);
}

bool bf_event_exists(const struct bf_event *e)
{
	switch (e->type) {
	case BF_EVENT_INTERRUPT:
	case BF_EVENT_NMI:
		return true;
	case BF_EVENT_EXCEPTION:
		return e->vector < 32 && e->vector != BF_VECTOR_NMI;
	case BF_EVENT_SOFT_INT:
	case BF_EVENT_PRIV_SOFT:
	case BF_EVENT_SOFT_EXCEPTION:
		return e->length && e->length <= INSTRUCTION_MAX;
	default:
		return false;
	}
}

enum bf_combination bf_exceptions_combine(uint8_t first, uint8_t second)
{
	bool severe = in(CONTRIBUTORY | PAGE_FAULTS, second);

	if (first == BF_VECTOR_DF)
		return severe ? BF_TRIPLE_FAULT : BF_SERIAL;
	if (in(PAGE_FAULTS, first))
		return severe ? BF_DOUBLE_FAULT : BF_SERIAL;
	return in(CONTRIBUTORY, first) && in(CONTRIBUTORY, second) ? BF_DOUBLE_FAULT : BF_SERIAL;
}

/* 64-bit code has neither INTO nor BOUND, and some CPUs refuse to enter with what they raise. */
static bool fits_mode(struct bf_vcpu *vcpu, const struct bf_event *e)
{
	bool legacy = e->type != BF_EVENT_INTERRUPT && e->type != BF_EVENT_SOFT_INT &&
		      (e->vector == BF_VECTOR_OF || e->vector == VECTOR_BR);

	return !legacy || !(bf_hv->get(vcpu, BF_EFER) & EFER_LMA) ||
	       !(bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
}

int bf_vcpu_inject(struct bf_vcpu *vcpu, struct bf_event event)
{
	bool exists = bf_event_exists(&event) && fits_mode(vcpu, &event);

	event.has_error = event.type == BF_EVENT_EXCEPTION && bf_exception_has_error(event.vector);
	vcpu->event = event;
	vcpu->event_seq = exists ? vcpu->exit_seq : NO_EVENT;
	return exists ? 0 : BF_EINVAL;
}

void bf_vcpu_inject_exception(struct bf_vcpu *vcpu, uint8_t vector, uint32_t error_code)
{
	(void)bf_vcpu_inject(vcpu, (struct bf_event){
					   .type = BF_EVENT_EXCEPTION,
					   .vector = vector,
					   .has_error = bf_exception_has_error(vector),
					   .error_code = error_code,
				   });
}

bool bf_event_take(struct bf_vcpu *vcpu, struct bf_event *event)
{
	if (vcpu->event_seq != vcpu->exit_seq) {
		bf_error("vCPU %u: BF_INJECT without an event in exit %lu; nothing is injected",
			 vcpu->index, vcpu->exit_seq);
		return false;
	}
	*event = vcpu->event;
	return true;
}

/* Not by bf_exit_dispatch(): the CPU has not exited again, which is what exit_seq tells of. */
void bf_triple_fault(struct bf_vcpu *vcpu)
{
	struct bf_exit exit = {.reason = BF_EXIT_TRIPLE_FAULT};
	const struct bf_slot *slot;

	vcpu->exits[exit.reason]++;
	slot = atomic_load_explicit(&vcpu->vm->slots[exit.reason], memory_order_acquire);
	bf_exit_verdict(vcpu, &exit, slot->fn(vcpu, &exit, slot->ctx));
}
