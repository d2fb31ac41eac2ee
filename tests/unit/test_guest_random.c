/* SPDX-License-Identifier: MIT */
/*
 * Random page tables, random CPUs, random accesses: the walk against a model that was written
 * mode by mode from the manual, with its numbers, and shares nothing with it.
 */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfvmm/msr.h>
#include "guest_tables.h"
#include "test.h"

#define WORLDS   40
#define ACCESSES 700
#define TABLES   8
#define PA_BITS  40 /* of the mock's CPUs */

#define BIT(n)         (1ULL << (n))
#define BITS(from, to) ((BIT((from) - (to) + 1) - 1) << (to)) /* as the manual writes them */

static uint64_t seed;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL >> 7;
}

static bool one_in(uint32_t n)
{
	return rnd() % n == 0;
}

/* What the model says of an access. */
struct answer {
	int status;
	struct bf_guest_fault fault;
	uint64_t gpa, page;
	uint64_t used[5]; /* physical addresses of the entries that have an accessed flag */
	uint32_t used_count;
};

struct question {
	struct bf_space space;
	uint64_t va;
	uint32_t access;
};

/* Rights as they add up on the way. */
struct sum {
	bool user, write, nx;
	uint32_t key;
};

static uint64_t get(uint64_t pa, uint32_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, bf_phys_to_virt(pa), bytes);
	return value;
}

static bool user_mode(const struct question *q)
{
	if (q->access & (BF_GUEST_AS_CPU | BF_GUEST_AS_KERNEL))
		return false;
	return q->space.cpl == 3 || (q->access & BF_GUEST_AS_USER);
}

static void page_fault(const struct question *q, struct answer *a, uint32_t bits)
{
	bool nxe = (q->space.cr4 & BIT(5)) && (q->space.efer & BIT(11));

	a->status = BF_EFAULT;
	a->fault.vector = 14;
	a->fault.address = q->va;
	a->fault.error_code = bits;
	if (q->access & BF_GUEST_WRITE)
		a->fault.error_code |= 2;
	if (user_mode(q))
		a->fault.error_code |= 4;
	if ((q->access & BF_GUEST_FETCH) && (nxe || (q->space.cr4 & BIT(20))))
		a->fault.error_code |= 16;
}

/* @return whether the entry at @pa can be read */
static bool readable(struct answer *a, const struct question *q, uint64_t pa)
{
	a->status = 0;
	if (pa >= MOCK_MEMORY)
		a->status = BF_EDEVICE;
	else if (pa >= MOCK_POOL_PA && pa < MOCK_POOL_PA + BIT(20))
		a->status = BF_EPERM;
	if (a->status)
		a->fault = (struct bf_guest_fault){.address = q->va};
	return !a->status;
}

static void add(struct sum *sum, uint64_t entry)
{
	sum->write &= entry >> 1 & 1;
	sum->user &= entry >> 2 & 1;
	sum->nx |= entry >> 63;
}

/* SDM table 4-5 and 4-6. */
static bool model_32(const struct question *q, struct answer *a, struct sum *sum)
{
	uint64_t va = (uint32_t)q->va;
	uint64_t at = (q->space.cr3 & BITS(31, 12)) + (va >> 22) * 4, pde, pte;

	if (!readable(a, q, at))
		return false;
	pde = get(at, 4);
	a->used[a->used_count++] = at;
	if (!(pde & 1))
		return page_fault(q, a, 0), false;
	add(sum, pde);
	if ((q->space.cr4 & BIT(4)) && (pde & BIT(7))) {
		if (pde & BIT(21))
			return page_fault(q, a, 9), false;
		a->gpa = (pde & BITS(31, 22)) | (pde >> 13 & 0xff) << 32 | (va & BITS(21, 0));
		a->page = BIT(22);
		return true;
	}
	at = (pde & BITS(31, 12)) + (va >> 12 & 0x3ff) * 4;
	if (!readable(a, q, at))
		return false;
	pte = get(at, 4);
	a->used[a->used_count++] = at;
	if (!(pte & 1))
		return page_fault(q, a, 0), false;
	add(sum, pte);
	a->gpa = (pte & BITS(31, 12)) | (va & BITS(11, 0));
	a->page = BIT(12);
	return true;
}

/* SDM tables 4-8 to 4-11. */
static bool model_pae(const struct question *q, struct answer *a, struct sum *sum)
{
	const uint64_t high = BITS(62, PA_BITS) | (q->space.efer & BIT(11) ? 0 : BIT(63));
	uint64_t va = (uint32_t)q->va, at = (q->space.cr3 & BITS(31, 5)) + (va >> 30) * 8;
	uint64_t entry;

	if (!readable(a, q, at))
		return false;
	entry = get(at, 8);
	if (!(entry & 1))
		return page_fault(q, a, 0), false;
	if (entry & (BITS(63, PA_BITS) | BITS(8, 5) | BITS(2, 1)))
		return page_fault(q, a, 9), false;
	at = (entry & BITS(51, 12)) + (va >> 21 & 0x1ff) * 8;
	if (!readable(a, q, at))
		return false;
	entry = get(at, 8);
	a->used[a->used_count++] = at;
	if (!(entry & 1))
		return page_fault(q, a, 0), false;
	if (entry & (high | (entry & BIT(7) ? BITS(20, 13) : 0)))
		return page_fault(q, a, 9), false;
	add(sum, entry);
	if (entry & BIT(7)) {
		a->gpa = (entry & BITS(51, 21)) | (va & BITS(20, 0));
		a->page = BIT(21);
		return true;
	}
	at = (entry & BITS(51, 12)) + (va >> 12 & 0x1ff) * 8;
	if (!readable(a, q, at))
		return false;
	entry = get(at, 8);
	a->used[a->used_count++] = at;
	if (!(entry & 1))
		return page_fault(q, a, 0), false;
	if (entry & high)
		return page_fault(q, a, 9), false;
	add(sum, entry);
	a->gpa = (entry & BITS(51, 12)) | (va & BITS(11, 0));
	a->page = BIT(12);
	return true;
}

/* SDM tables 4-14 to 4-20. */
static bool model_long(const struct question *q, struct answer *a, struct sum *sum)
{
	const uint64_t high = BITS(51, PA_BITS) | (q->space.efer & BIT(11) ? 0 : BIT(63));
	uint64_t table = q->space.cr3 & BITS(51, 12), entry, low;

	for (uint32_t shift = q->space.cr4 & BIT(12) ? 48 : 39;; shift -= 9) {
		uint64_t at = table + (q->va >> shift & 0x1ff) * 8, bad = high;

		if (!readable(a, q, at))
			return false;
		entry = get(at, 8);
		a->used[a->used_count++] = at;
		if (!(entry & 1))
			return page_fault(q, a, 0), false;
		if (shift >= 39)
			bad |= BIT(7);
		if (shift == 30 && (entry & BIT(7)))
			bad |= BITS(29, 13);
		if (shift == 21 && (entry & BIT(7)))
			bad |= BITS(20, 13);
		if (entry & bad)
			return page_fault(q, a, 9), false;
		add(sum, entry);
		if (shift == 12 || (entry & BIT(7))) {
			low = BIT(shift) - 1;
			break;
		}
		table = entry & BITS(51, 12);
	}
	a->gpa = (entry & BITS(51, 12) & ~low) | (q->va & low);
	a->page = low + 1;
	sum->key = entry >> 59 & 0xf;
	return true;
}

/* SDM 4.6.2. */
static bool key_forbids(const struct question *q, const struct sum *sum)
{
	uint32_t rights = sum->user ? q->space.pkru : q->space.pkrs;
	bool on = q->space.cr4 & (sum->user ? BIT(22) : BIT(24));
	bool ad = rights >> 2 * sum->key & 1, wd = rights >> (2 * sum->key + 1) & 1;
	bool wp = q->space.cr0 & BIT(16);

	if (!(q->space.efer & BIT(10)) || !on || !(q->access & (BF_GUEST_READ | BF_GUEST_WRITE)))
		return false;
	return ad || (wd && (q->access & BF_GUEST_WRITE) && (wp || user_mode(q)));
}

/* SDM 4.6.1. */
static bool rights_forbid(const struct question *q, const struct sum *sum)
{
	bool wp = q->space.cr0 & BIT(16), smep = q->space.cr4 & BIT(20);
	bool smap = q->space.cr4 & BIT(21), ac = q->space.rflags & BIT(18);
	bool data = q->access & (BF_GUEST_READ | BF_GUEST_WRITE);
	bool writes = q->access & BF_GUEST_WRITE, fetches = q->access & BF_GUEST_FETCH;

	if (fetches && sum->nx)
		return true;
	if (user_mode(q))
		return !sum->user || (writes && !sum->write);
	if (sum->user && fetches && smep)
		return true;
	if (sum->user && data && smap && !(ac && !(q->access & BF_GUEST_AS_CPU)))
		return true;
	return writes && !sum->write && wp;
}

static void model(const struct question *q, struct answer *a)
{
	struct sum sum = {.user = true, .write = true};
	bool lma = q->space.efer & BIT(10), found;
	uint32_t canonical = q->space.cr4 & BIT(12) ? 57 : 48;

	memset(a, 0, sizeof(*a));
	if (!(q->space.cr0 & BIT(31))) {
		a->gpa = (uint32_t)q->va;
		a->page = 4096;
		return;
	}
	if (lma && q->va >> (canonical - 1) && ~q->va >> (canonical - 1)) {
		a->status = BF_EFAULT;
		a->fault = (struct bf_guest_fault){.vector = 13, .address = q->va};
		return;
	}
	if (!(q->space.cr4 & BIT(5)))
		found = model_32(q, a, &sum);
	else
		found = lma ? model_long(q, a, &sum) : model_pae(q, a, &sum);
	if (!found || (q->access & BF_GUEST_FORCE))
		return;
	if (key_forbids(q, &sum))
		page_fault(q, a, 1 | 32);
	else if (rights_forbid(q, &sum))
		page_fault(q, a, 1);
}

static uint64_t random_target(void)
{
	if (!one_in(6))
		return TABLES_PA + rnd() % TABLES * BF_PAGE_SIZE;
	if (one_in(3))
		return MOCK_POOL_PA + rnd() % BIT(20);
	return rnd() % BIT(one_in(4) ? 40 : 26);
}

static uint64_t random_entry(bool top_of_pae)
{
	uint64_t entry = random_target() & BITS(51, 12);

	if (!one_in(24))
		entry |= 1;
	if (top_of_pae && !one_in(4))
		return entry;
	entry |= one_in(4) ? 0 : BIT(1);
	entry |= one_in(4) ? 0 : BIT(2);
	entry |= rnd() & (BITS(6, 5) | BITS(11, 9) | BITS(62, 59) * !!one_in(3));
	if (one_in(5)) /* a large page, of whatever alignment at times */
		entry = (entry & ~(one_in(8) ? 0 : BITS(29, 13))) | BIT(7);
	if (one_in(12))
		entry |= BIT(63);
	if (one_in(40))
		entry |= BIT(12 + rnd() % 51);
	return entry;
}

static void random_tables(bool narrow, bool pae)
{
	uint64_t count = TABLES * BF_PAGE_SIZE / (narrow ? 4 : 8);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t entry = random_entry(pae && i < 4);

		if (narrow)
			((uint32_t *)bf_phys_to_virt(TABLES_PA))[i] = (uint32_t)entry;
		else
			((uint64_t *)bf_phys_to_virt(TABLES_PA))[i] = entry;
	}
}

static void random_cpu(struct bf_space *space)
{
	space->cr0 ^= one_in(3) ? CR0_WP : 0;
	space->cr4 |= rnd() & (CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS | CR4_PGE);
	space->efer ^= one_in(8) ? EFER_NXE & -(space->efer & EFER_NXE) : 0;
	space->rflags = rnd() & RFLAGS_AC;
	space->cpl = one_in(2) ? 3 : rnd() % 3;
	space->pkru = (uint32_t)rnd();
	space->pkrs = (uint32_t)rnd();
}

static uint64_t random_va(const struct bf_space *space)
{
	uint32_t shift = space->cr4 & CR4_LA57 ? 7 : 16;
	uint64_t va = rnd() << 9 ^ rnd();

	return one_in(16) ? va : (uint64_t)((int64_t)(va << shift) >> shift);
}

static uint32_t random_access(void)
{
	static const uint32_t who[] = {0, 0, BF_GUEST_AS_USER, BF_GUEST_AS_KERNEL, BF_GUEST_AS_CPU};
	uint32_t access = who[rnd() % COUNT(who)];

	access |= one_in(8) ? (uint32_t)rnd() & 7 : 1u << rnd() % 3;
	return access | (one_in(10) ? BF_GUEST_FORCE : 0) | (one_in(2) ? BF_GUEST_MARK : 0);
}

static uint8_t before[TABLES * BF_PAGE_SIZE];

/* What the tables have to be after the access. */
static void model_marks(const struct question *q, const struct answer *a)
{
	if (a->status || !(q->access & BF_GUEST_MARK) || !(q->space.cr0 & CR0_PG))
		return;
	for (uint32_t i = 0; i < a->used_count; i++)
		before[a->used[i] - TABLES_PA] |= BIT(5);
	if (q->access & BF_GUEST_WRITE)
		before[a->used[a->used_count - 1] - TABLES_PA] |= BIT(6);
}

/* Only entries in the tables; the targets of some lie elsewhere, and what is there is none. */
static bool in_tables(const struct answer *a)
{
	for (uint32_t i = 0; i < a->used_count; i++)
		if (a->used[i] < TABLES_PA || a->used[i] >= TABLES_PA + sizeof(before))
			return false;
	return true;
}

static void compare(const struct question *q)
{
	struct bf_guest_fault fault = {0};
	struct bf_translation t = {0};
	struct answer a;
	int status;

	model(q, &a);
	if (!in_tables(&a))
		return;
	memcpy(before, bf_phys_to_virt(TABLES_PA), sizeof(before));
	model_marks(q, &a);
	status = bf_space_translate(&q->space, q->va, q->access, &t, &fault);
	if (status != a.status || fault.vector != a.fault.vector ||
	    fault.error_code != a.fault.error_code || fault.address != a.fault.address ||
	    t.gpa != (a.status ? 0 : a.gpa) || t.page_bytes != (a.status ? 0 : a.page))
		fail_msg("cr0 0x%lx cr4 0x%lx efer 0x%lx cpl %u va 0x%lx access 0x%x: "
			 "%d/%u/0x%x/0x%lx, not %d/%u/0x%x/0x%lx",
			 q->space.cr0, q->space.cr4, q->space.efer, q->space.cpl, q->va, q->access,
			 status, fault.vector, fault.error_code, t.gpa, a.status, a.fault.vector,
			 a.fault.error_code, a.gpa);
	assert_false(memcmp(before, bf_phys_to_virt(TABLES_PA), sizeof(before)));
}

static void against_the_model(void **state)
{
	uint64_t reached = 0, refused = 0;

	(void)state;
	seed = 0x9e3779b97f4a7c15;
	for (uint32_t world = 0; world < WORLDS * TABLES_MODES; world++) {
		enum tables_mode mode = world % TABLES_MODES;

		tables_setup(NULL);
		random_tables(mode < TABLES_PAE, mode == TABLES_PAE);
		for (uint32_t i = 0; i < ACCESSES; i++) {
			struct question q = {.access = random_access()};
			struct answer a;

			tables_cpu(mode, &q.space);
			q.space.cr3 = TABLES_PA;
			random_cpu(&q.space);
			q.va = random_va(&q.space);
			model(&q, &a);
			reached += !a.status;
			refused += a.fault.error_code & BF_PF_PRESENT;
			compare(&q);
		}
	}
	/* The tables are such that all of it happens. */
	assert_true(reached > 20000);
	assert_true(refused > 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_the_model),
	};

	return cmocka_run_group_tests_name("guest random", tests, NULL, NULL);
}
