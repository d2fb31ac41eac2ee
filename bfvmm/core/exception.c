/* SPDX-License-Identifier: MIT */
/* Exceptions that exit because a hook wants to see them: the backend reflects them. */
#include <bfvmm/defaults.h>
#include <bfvmm/vcpu.h>

/* The interruption information of an exit (SDM volume 3, "Information for VM Exits Due to
 * Vectored Events"). */
#define INFO_VECTOR     0xffu
#define INFO_TYPE_SHIFT 8
#define INFO_TYPE       7u
#define INFO_ERROR      (1u << 11)

BF_DECODE(exception)
{
	uint32_t info = (uint32_t)bf_hv->get(vcpu, BF_EXIT_INTERRUPTION);
	struct bf_exception *e = &io->exception;

	(void)exit;
	*e = (struct bf_exception){
		.vector = info & INFO_VECTOR,
		.type = info >> INFO_TYPE_SHIFT & INFO_TYPE,
		.has_error = info & INFO_ERROR,
	};
	if (e->has_error)
		e->error_code = (uint32_t)bf_hv->get(vcpu, BF_EXIT_ERROR_CODE);
	if (e->vector == BF_VECTOR_PF)
		e->address = bf_hv->get(vcpu, BF_EXIT_GVA);
	return e->vector;
}

BF_PERFORM(exception_perform)
{
	const struct bf_slot *reflect = bf_default_slot(BF_EXIT_EXCEPTION);
	const struct bf_exception *e = &io->exception;
	enum bf_verdict verdict = reflect->fn(vcpu, exit, reflect->ctx);

	/* What the hooks made of it; the backend has cared for the rest. */
	if (verdict != BF_INJECT || vcpu->event.vector != e->vector)
		return verdict;
	vcpu->event.has_error = e->has_error;
	vcpu->event.error_code = e->error_code;
	if (e->vector == BF_VECTOR_PF)
		(void)bf_hv->set(vcpu, BF_CR2, e->address);
	return BF_INJECT;
}
