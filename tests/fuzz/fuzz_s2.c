/* SPDX-License-Identifier: MIT */
/*
 * Second-level tables under any order of rules, faults and failed allocations: each page has the
 * rights that the rules leave, no page of the VMM's is shown, and all memory comes back.
 */
#include <bfhw/phys.h>
#include <bfmock/machine.h>
#include <bfvmm/ram.h>
#include <bfvmm/mem.h>
#include <bfvmm/s2.h>
#include <bfvmm/vcpu.h>
#include "fuzz.h"

#define MIB     (1ul << 20)
#define STEPS   24
#define RULES   6
#define PROBES  12
#define LEAF    0x80ull
#define ADDRESS 0x000ffffffffff000ull

static uint32_t granted(uint32_t access)
{
	return access & BF_S2_READ ? access : access & ~BF_S2_WRITE;
}

static uint64_t leaf(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type)
{
	HOLDS(level >= 1 && level <= 3 && pa % (BF_PAGE_SIZE << 9 * (level - 1)) == 0);
	return pa | LEAF | granted(access) | (uint64_t)type << 8;
}

static uint64_t table(uint64_t pa)
{
	return pa | BF_S2_RWX;
}

static bool present(uint64_t entry)
{
	return entry & BF_S2_RWX;
}

static bool is_leaf(uint64_t entry, uint32_t level)
{
	return level == 1 || (entry & LEAF);
}

static uint64_t address(uint64_t entry, uint32_t level)
{
	(void)level;
	return entry & ADDRESS;
}

static struct bf_s2_format format = {.granted = granted,
				     .leaf = leaf,
				     .table = table,
				     .present = present,
				     .is_leaf = is_leaf,
				     .address = address};

static struct bf_boot boot;
static struct bf_vm vm;
static struct bf_s2_rule rule[RULES];
static bool there[RULES];

/* Around what is special: the first MiB, large pages, the VMM's memory, the end of RAM, devices. */
static uint64_t place(struct fuzz_input *in)
{
	static const uint64_t near[] = {0,
					0xa0000,
					2 * MIB,
					MOCK_POOL_PA,
					MOCK_MEMORY,
					1024 * MIB,
					4096 * MIB - 2 * MIB,
					6 * MIB};
	uint32_t bits = (uint32_t)fuzz_number(in, 2);

	return near[bits % 8] + (uint64_t)(bits >> 3 & 0x3ff) * BF_PAGE_SIZE;
}

static uint32_t denied_at(uint64_t gpa)
{
	uint32_t denied = 0;

	for (uint32_t i = 0; i < RULES; i++)
		if (there[i] && gpa >= rule[i].range.first && gpa <= rule[i].range.last)
			denied |= rule[i].denied;
	return denied;
}

/* Below 4 GiB all that is not the VMM's is mapped from the start. */
static void look_at(uint64_t gpa)
{
	bool own = bf_phys_owned(gpa & BF_PAGE_MASK, BF_PAGE_SIZE) == BF_OWNED_ALL;
	uint32_t want = granted(BF_S2_RWX & ~denied_at(gpa)), level = 0;
	uint64_t entry = bf_s2_lookup_in(bf_s2_views(), gpa, &level);
	uint64_t pa = entry & ADDRESS;

	if (own) {
		HOLDS(!entry || bf_phys_owned(pa, BF_PAGE_SIZE) != BF_OWNED_ALL ||
		      !memcmp(bf_phys_to_virt(pa), (uint8_t[64]){0}, 64));
		return;
	}
	HOLDS(entry || gpa >= 4096 * MIB);
	if (!entry)
		return;
	HOLDS((entry & BF_S2_RWX) == want);
	HOLDS(pa == (gpa & ~((BF_PAGE_SIZE << 9 * (level - 1)) - 1)));
}

static void add(struct fuzz_input *in, uint32_t i)
{
	uint64_t first = place(in), pages = fuzz_number(in, 1);
	int status;

	rule[i] = (struct bf_s2_rule){
		.range = {first,
			  first + ((pages & 0x80 ? pages << 4 : pages) + 1) * BF_PAGE_SIZE - 1},
		.kind = BF_S2_RULE_DENY,
		.denied = (uint32_t)fuzz_number(in, 1) & BF_S2_RWX};
	bf_s2_rule_link(&rule[i]);
	status = bf_s2_apply(rule[i].range);
	there[i] = !status;
	HOLDS(status == 0 || status == BF_ENOMEM);
	if (status) {
		bf_s2_rule_unlink(&rule[i]);
		HOLDS(bf_s2_apply(rule[i].range) == 0);
	}
}

static void end(uint32_t i)
{
	bf_s2_rule_unlink(&rule[i]);
	there[i] = false;
	HOLDS(bf_s2_apply(rule[i].range) == 0);
}

static void step(struct fuzz_input *in)
{
	uint32_t choice = (uint32_t)fuzz_number(in, 1), i = choice / 8 % RULES;

	if (choice & 0x80)
		mock.fault.page_alloc = fuzz_number(in, 1) % 8;
	bf_lock(&bf_s2_lock);
	if (choice % 8 < 5 && there[i])
		end(i);
	else if (choice % 8 < 5)
		add(in, i);
	bf_unlock(&bf_s2_lock);
	if (choice % 8 >= 5)
		(void)bf_s2_fault(&vm, choice % 8 == 5 ? fuzz_number(in, 8) & 0xffffffffffff
						       : place(in));
	mock.fault.page_alloc = 0;
}

static void start(uint32_t bits)
{
	mock_reset(&mock_intel, 1);
	mock_boot_fill(&boot, 2 * MIB);
	boot.owned[1] = (struct bf_extent){5 * MIB + BF_PAGE_SIZE, 2 * BF_PAGE_SIZE};
	boot.owned_count = 2;
	bf_ram_init(&boot);
	bf_pool_init(boot.pool, boot.pool_count);
	bf_s2_rules_reset();
	memset(&vm, 0, sizeof(vm));
	memset(there, 0, sizeof(there));
	format.levels = bits & 1 ? 5 : 4;
	format.leaf_levels = bits & 2 ? 2 : 3;
	format.typed = bits & 4;
	HOLDS(bf_s2_create(&vm, &format) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	start((uint32_t)fuzz_number(&in, 1));
	for (uint32_t i = 0; i < STEPS && in.left; i++) {
		step(&in);
		for (uint32_t k = 0; k < RULES; k++) {
			look_at(rule[k].range.first);
			look_at(rule[k].range.last);
			look_at(rule[k].range.last + 1);
		}
	}
	for (uint32_t i = 0; i < PROBES; i++)
		look_at(place(&in));
	for (uint32_t i = 0; i < RULES; i++)
		if (there[i])
			end(i);
	bf_s2_destroy(&vm);
	HOLDS(bf_pool_used() == 0);
	return 0;
}
