/* SPDX-License-Identifier: MIT */
/*
 * Hooks everything that can be hooked with operands, before and after, and passes everything on:
 * a guest must not notice. The log says which hooks this CPU does not have. The option families=
 * has a bit for each family that is to be hooked.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

static uint64_t calls[BF_FAMILY_COUNT];

static enum bf_verdict pass(struct bf_vcpu *vcpu, void *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	__atomic_fetch_add((uint64_t *)ctx, 1, __ATOMIC_RELAXED);
	return BF_PASS;
}

static int both(struct bf_ext *ext, enum bf_hook_family family, struct bf_range range)
{
	int status = bf_hook_typed(ext, family, BF_HOOK_PRE, BF_CONTROL_VM, range, pass,
				   &calls[family], BF_PRIO_NORMAL, NULL);

	if (!status)
		status = bf_hook_typed(ext, family, BF_HOOK_POST, BF_CONTROL_VM, range, pass,
				       &calls[family], BF_PRIO_NORMAL, NULL);
	return status == BF_ENOTSUP ? 0 : status;
}

/* One by one: a CPU may have exits for some of them alone. */
static int each_cr(struct bf_ext *ext, enum bf_hook_family family)
{
	static const uint8_t crs[] = {0, 2, 3, 4, 8};
	int status = 0;

	for (uint32_t i = 0; i < sizeof(crs) && !status; i++)
		status = both(ext, family, BF_CR(crs[i], crs[i]));
	return status;
}

static const char *const names[] = {
#define X(name, TAG, io) [BF_FAMILY_##TAG] = #name,
	BF_TYPED_HOOKS(X)
#undef X
};

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < BF_FAMILY_COUNT; i++)
		bf_info("all_hooks: %s called %lu times", names[i], calls[i]);
}

static int init(struct bf_ext *ext)
{
	int status = bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
	uint64_t families = bf_option_number("families", UINT64_MAX);

	for (uint32_t i = 0; i < BF_FAMILY_COUNT && !status; i++)
		status = !(families >> i & 1) ? 0
			 : i == BF_FAMILY_CR_READ || i == BF_FAMILY_CR_WRITE
				 ? each_cr(ext, i)
				 : both(ext, i, BF_RANGE_ALL);
	return status;
}

BF_EXTENSION(all_hooks, .version = "1.0", .license = "MIT", .init = init);
