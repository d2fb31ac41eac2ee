/* SPDX-License-Identifier: MIT */
/*
 * From hooks to slots. A change makes a new chain and publishes it with one store; the old one is
 * freed when every vCPU has begun two exits since, and so cannot be inside it any more.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/chain.h>
#include <bfvmm/defaults.h>
#include <bfvmm/mem.h>

static struct bf_chain *retired;

/*
 * A vCPU without a pCPU runs nothing. Else it takes two exits: the first may have begun, and
 * loaded the old slot, before its count was seen at the retirement.
 */
static bool may_use(struct bf_vcpu *vcpu, uint64_t retired_at)
{
	return vcpu && __atomic_load_n(&vcpu->pcpu, __ATOMIC_ACQUIRE) &&
	       (int64_t)(__atomic_load_n(&vcpu->exit_seq, __ATOMIC_ACQUIRE) - retired_at) < 2;
}

static bool out_of_use(const struct bf_vm *vm, const struct bf_chain *chain)
{
	for (uint32_t i = 0; i < vm->vcpu_count; i++)
		if (may_use(vm->vcpu[i], chain->retired_at[i]))
			return false;
	return true;
}

static void reap(const struct bf_vm *vm)
{
	struct bf_chain **link = &retired;

	while (*link) {
		struct bf_chain *chain = *link;

		if (!out_of_use(vm, chain)) {
			link = &chain->next_retired;
			continue;
		}
		*link = chain->next_retired;
		bf_free(chain);
	}
}

static struct bf_chain *chain_of(const struct bf_slot *slot)
{
	return slot && slot->fn == bf_chain_run ? (struct bf_chain *)slot->ctx : NULL;
}

static void retire(const struct bf_vm *vm, const struct bf_slot *slot)
{
	struct bf_chain *chain = chain_of(slot);

	if (!chain)
		return;
	for (uint32_t i = 0; i < vm->vcpu_count; i++)
		chain->retired_at[i] = vm->vcpu[i] ? vm->vcpu[i]->exit_seq : 0;
	chain->next_retired = retired;
	retired = chain;
}

static void want_intercepts(struct bf_vm *vm)
{
	for (uint32_t i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpu[i])
			bf_vcpu_pend(vm->vcpu[i], BF_PENDING_INTERCEPT);
}

int bf_slot_rebuild(struct bf_vm *vm, enum bf_exit_reason reason)
{
	const struct bf_slot *slot = bf_default_slot(reason);
	struct bf_chain *chain;
	int status = bf_chain_make(vm, reason, &chain);

	if (status)
		return status;
	if (chain)
		slot = &chain->slot;
	reap(vm);
	retire(vm, atomic_exchange_explicit(&vm->slots[reason], slot, memory_order_acq_rel));
	want_intercepts(vm);
	return 0;
}

static enum bf_verdict passes(struct bf_vcpu *vcpu, void *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	return BF_PASS;
}

static void silence(struct bf_links links, uint64_t number)
{
	for (struct bf_link *link = (struct bf_link *)links.first; link != links.end; link++)
		if (link->number == number)
			__atomic_store_n(&link->fn, passes, __ATOMIC_RELEASE);
}

static void silence_chain(struct bf_chain *chain, uint64_t number)
{
	silence(chain->exit, number);
	for (uint32_t i = 0; i < chain->segments; i++) {
		silence(chain->segment[i].pre, number);
		silence(chain->segment[i].post, number);
	}
}

void bf_slot_silence(struct bf_vm *vm, enum bf_exit_reason reason, uint64_t number)
{
	struct bf_chain *chain = chain_of(atomic_load(&vm->slots[reason]));

	if (chain)
		silence_chain(chain, number);
	/* CPUs may still be on their way through these. */
	for (chain = retired; chain; chain = chain->next_retired)
		silence_chain(chain, number);
}

int bf_slots_init(struct bf_vm *vm)
{
	int status = 0;

	retired = NULL;
	/* No hook is on these before they are sorted. */
	atomic_store(&vm->slots[BF_EXIT_UNSORTED], bf_default_slot(BF_EXIT_UNSORTED));
	for (uint32_t i = 0; i < BF_EXIT_COUNT && !status; i++)
		status = bf_slot_rebuild(vm, i);
	return status;
}

void bf_slots_fini(struct bf_vm *vm)
{
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		retire(vm, atomic_exchange(&vm->slots[i], NULL));
	while (retired) {
		struct bf_chain *chain = retired;

		retired = chain->next_retired;
		bf_free(chain);
	}
}
