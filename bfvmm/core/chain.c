/* SPDX-License-Identifier: MIT */
/*
 * From hooks to slots. A slot with hooks runs an immutable array of them and ends with the
 * default. A change makes a new array and publishes it with one store; the old one is freed
 * when every vCPU has begun two exits since, and so cannot be inside it any more.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfvmm/defaults.h>
#include <bfvmm/hooks.h>

struct link {
	union {
		bf_exit_fn exit;
		bf_cpuid_fn cpuid;
	} fn;
	void *ctx;
	struct bf_leaf_range leaves;
	const struct bf_ext *ext;
};

struct chain {
	struct bf_slot slot;        /* what vm->slots points to */
	const struct bf_slot *base; /* asked when all links pass */
	uint32_t exits, before, after;
	struct link *exit, *pre, *post; /* into links */
	struct chain *next_retired;
	uint64_t retired_at[BF_MAX_CPUS]; /* exit_seq of each vCPU */
	struct link links[];
};

static struct chain *retired;

static bool in_range(struct bf_leaf_range range, uint32_t leaf)
{
	return leaf - range.first <= range.last - range.first;
}

static __attribute__((cold, noinline)) void bad_verdict(const struct link *link, uint32_t verdict)
{
	bf_error("extension %s: verdict %u does not exist here; taken as BF_PASS",
		 link->ext->descriptor->name, verdict);
}

static enum bf_verdict run_cpuid(struct bf_vcpu *vcpu, const struct chain *chain,
				 struct bf_cpuid *io)
{
	for (uint32_t i = 0; i < chain->before; i++) {
		const struct link *link = &chain->pre[i];

		if (!in_range(link->leaves, io->leaf))
			continue;
		enum bf_verdict verdict = link->fn.cpuid(vcpu, io, link->ctx);

		if (__builtin_expect(verdict >= BF_VERDICT_COUNT, 0))
			bad_verdict(link, verdict);
		else if (verdict != BF_PASS)
			return verdict;
	}
	bf_cpuid_result(vcpu, io);
	for (uint32_t i = 0; i < chain->after; i++) {
		const struct link *link = &chain->post[i];

		if (!in_range(link->leaves, io->leaf))
			continue;
		enum bf_verdict verdict = link->fn.cpuid(vcpu, io, link->ctx);

		if (__builtin_expect(verdict != BF_PASS, 0))
			bad_verdict(link, verdict);
	}
	return BF_SKIP;
}

static enum bf_verdict cpuid(struct bf_vcpu *vcpu, const struct chain *chain)
{
	struct bf_regs *regs = &vcpu->regs;
	struct bf_cpuid io = {.leaf = (uint32_t)regs->rax, .subleaf = (uint32_t)regs->rcx};
	enum bf_verdict verdict = run_cpuid(vcpu, chain, &io);

	if (verdict == BF_SKIP) {
		regs->rax = io.eax;
		regs->rbx = io.ebx;
		regs->rcx = io.ecx;
		regs->rdx = io.edx;
	}
	return verdict;
}

static enum bf_verdict run(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	const struct chain *chain = ctx;

	for (uint32_t i = 0; i < chain->exits; i++) {
		const struct link *link = &chain->exit[i];
		enum bf_verdict verdict = link->fn.exit(vcpu, exit, link->ctx);

		if (__builtin_expect(verdict >= BF_VERDICT_COUNT, 0))
			bad_verdict(link, verdict);
		else if (verdict != BF_PASS)
			return verdict;
	}
	if (chain->before + chain->after)
		return cpuid(vcpu, chain);
	return chain->base->fn(vcpu, exit, chain->base->ctx);
}

static bool for_vm(const struct bf_hook *hook, const struct bf_vm *vm)
{
	return vm->id == 0 || hook->vms == BF_ALL_VMS;
}

static uint32_t gather(const struct bf_vm *vm, enum bf_hook_kind kind, uint32_t reason,
		       struct link *to)
{
	struct bf_hook *hook = NULL;
	uint32_t count = 0;

	while ((hook = bf_hook_next(hook, kind, reason))) {
		if (!for_vm(hook, vm))
			continue;
		if (to) {
			to[count] = (struct link){
				.ctx = hook->ctx, .leaves = hook->leaves, .ext = hook->ext};
			if (kind == BF_HOOK_EXIT)
				to[count].fn.exit = hook->fn.exit;
			else
				to[count].fn.cpuid = hook->fn.cpuid;
		}
		count++;
	}
	return count;
}

static struct chain *make_chain(const struct bf_vm *vm, enum bf_exit_reason reason, uint32_t links)
{
	struct chain *chain = bf_alloc(sizeof(*chain) + links * sizeof(struct link));

	if (!chain)
		return NULL;
	chain->slot = (struct bf_slot){.fn = run, .ctx = chain};
	chain->base = bf_default_slot(reason);
	chain->exit = chain->links;
	chain->exits = gather(vm, BF_HOOK_EXIT, reason, chain->exit);
	chain->pre = chain->exit + chain->exits;
	chain->before = gather(vm, BF_HOOK_CPUID, reason, chain->pre);
	chain->post = chain->pre + chain->before;
	chain->after = gather(vm, BF_HOOK_CPUID_POST, reason, chain->post);
	return chain;
}

/*
 * A vCPU without a pCPU runs nothing. Else it takes two exits: the first may have begun, and
 * loaded the old slot, before its count was seen at the retirement. The count is one less for a
 * moment while a backend dispatches an exit a second time, under a better name.
 */
static bool may_use(struct bf_vcpu *vcpu, uint64_t retired_at)
{
	return vcpu && __atomic_load_n(&vcpu->pcpu, __ATOMIC_ACQUIRE) &&
	       (int64_t)(__atomic_load_n(&vcpu->exit_seq, __ATOMIC_ACQUIRE) - retired_at) < 2;
}

static bool out_of_use(const struct bf_vm *vm, const struct chain *chain)
{
	for (uint32_t i = 0; i < vm->vcpu_count; i++)
		if (may_use(vm->vcpu[i], chain->retired_at[i]))
			return false;
	return true;
}

static void reap(const struct bf_vm *vm)
{
	struct chain **link = &retired;

	while (*link) {
		struct chain *chain = *link;

		if (!out_of_use(vm, chain)) {
			link = &chain->next_retired;
			continue;
		}
		*link = chain->next_retired;
		bf_free(chain);
	}
}

static void retire(const struct bf_vm *vm, const struct bf_slot *slot)
{
	if (!slot || slot->fn != run)
		return;
	struct chain *chain = (struct chain *)slot->ctx;

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
	uint32_t links = gather(vm, BF_HOOK_EXIT, reason, NULL) +
			 gather(vm, BF_HOOK_CPUID, reason, NULL) +
			 gather(vm, BF_HOOK_CPUID_POST, reason, NULL);

	if (links) {
		struct chain *chain = make_chain(vm, reason, links);

		if (!chain)
			return BF_ENOMEM;
		slot = &chain->slot;
	}
	reap(vm);
	retire(vm, atomic_exchange_explicit(&vm->slots[reason], slot, memory_order_acq_rel));
	want_intercepts(vm);
	return 0;
}

int bf_slots_init(struct bf_vm *vm)
{
	int status = 0;

	retired = NULL;
	for (uint32_t i = 0; i < BF_EXIT_COUNT && !status; i++)
		status = bf_slot_rebuild(vm, i);
	return status;
}

void bf_slots_fini(struct bf_vm *vm)
{
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		retire(vm, atomic_exchange(&vm->slots[i], NULL));
	while (retired) {
		struct chain *chain = retired;

		retired = chain->next_retired;
		bf_free(chain);
	}
}
