/* SPDX-License-Identifier: MIT */
/*
 * Prints what the VMM's tables have of typed hooks, for hook_reference.py. A line a hook: name,
 * structure, reason, highest key; then, of a recent CPU of each vendor, its name and "all", or the
 * keys that it has exits for.
 */
#include <stdio.h>
#include <bfmock/guest.h>
#include <bfvmm/family.h>

static const struct row {
	const char *name, *io, *reason;
} rows[BF_FAMILY_COUNT] = {
#define X(name, TAG, io) [BF_FAMILY_##TAG] = {#name, #io, NULL},
	BF_TYPED_HOOKS(X)
#undef X
};

static const char *const reasons[BF_EXIT_COUNT] = {
#define X(name, text) "BF_EXIT_" #name,
	BF_EXIT_REASONS(X)
#undef X
};

static uint64_t can[2][BF_FAMILY_COUNT];

static int ask(const struct mock_profile *cpu, uint64_t *keys)
{
	mock_reset(cpu, 1);
	if (mock_vmm_init(""))
		return 1;
	for (uint32_t i = 0; i < BF_FAMILY_COUNT; i++)
		keys[i] = bf_hv->can_intercept(bf_families[i].reason);
	return 0;
}

static void print_keys(const char *vendor, const struct bf_family *family, uint64_t keys)
{
	const char *gap = "";

	printf("\t%s ", vendor);
	if (!keys || !family->keys || (keys & family->keys) == family->keys) {
		printf("%s", keys ? "all" : "none");
		return;
	}
	for (uint32_t key = 0; key < 64; key++)
		if (keys & family->keys & 1ull << key) {
			printf("%s%u", gap, key);
			gap = ", ";
		}
}

int main(void)
{
	if (ask(&mock_intel, can[0]) || ask(&mock_amd, can[1]))
		return 1;
	for (uint32_t i = 0; i < BF_FAMILY_COUNT; i++) {
		printf("%s\t%s\t%s\t%llx", rows[i].name, rows[i].io, reasons[bf_families[i].reason],
		       (unsigned long long)bf_families[i].last);
		print_keys("VMX", &bf_families[i], can[0][i]);
		print_keys("SVM", &bf_families[i], can[1][i]);
		printf("\n");
	}
	return 0;
}
