/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a guest with any entries, in every paging mode: whatever they say, no byte of the
 * VMM's is read or written, a walk finds the same twice, and failures have reasons.
 */
#include <bfhw/phys.h>
#include <bfmock/hv.h>
#include <bfvmm/guest.h>
#include <bareframe/s2.h>
#include <bfvmm/msr.h>
#include "fuzz.h"
#include "guest_tables.h"

#define TABLES   6
#define ENTRIES  24
#define ACCESSES 8
#define SECRET   0x5a

static uint8_t *secret; /* a page of the VMM's */

/* Where an entry may lead: tables, a page, itself the VMM's, the end of RAM, anywhere. */
static uint64_t target(struct fuzz_input *in)
{
	uint32_t choice = (uint32_t)fuzz_number(in, 1);

	switch (choice % 8) {
	case 0:
		return TABLES_PAGE + (choice >> 3) * BF_PAGE_SIZE;
	case 1:
		return bf_virt_to_phys(secret);
	case 2:
		return MOCK_MEMORY - BF_PAGE_SIZE;
	case 3:
		return MOCK_MEMORY;
	case 4:
		return fuzz_number(in, 8) & 0x000ffffffffff000;
	default:
		return TABLES_PA + (choice >> 3) % TABLES * BF_PAGE_SIZE;
	}
}

static uint64_t entry(struct fuzz_input *in)
{
	uint32_t flags = (uint32_t)fuzz_number(in, 2);

	return target(in) | (flags & 0xfff) | BF_ENTRY_P * !(flags & 0x7000) |
	       (flags & 0x8000 ? BF_ENTRY_NX : 0);
}

/* Each table leads to the next and to some pages; the input changes that. */
static void fill_tables(struct fuzz_input *in)
{
	uint8_t *tables = bf_phys_to_virt(TABLES_PA);

	for (uint32_t i = 0; i < TABLES; i++) {
		uint64_t *table = (uint64_t *)(tables + i * BF_PAGE_SIZE);

		table[0] = (TABLES_PA + (i + 1) % TABLES * BF_PAGE_SIZE) | TABLES_RWU;
		for (uint32_t page = 1; page < 8; page++)
			table[page] = (TABLES_PAGE + page * BF_PAGE_SIZE) | TABLES_RWU;
	}
	for (uint32_t i = 0; i < ENTRIES && in->left > 2; i++) {
		uint32_t at = (uint32_t)fuzz_number(in, 2) % (TABLES * BF_PAGE_SIZE);
		uint64_t value = entry(in);

		at = at & 4 ? at & ~0xfc7u : at & ~7u; /* mostly one of the first entries */
		memcpy(tables + at, &value, 8);
	}
}

static void set_space(struct fuzz_input *in, struct bf_space *space)
{
	uint32_t bits = (uint32_t)fuzz_number(in, 4);

	tables_cpu(bits % TABLES_MODES, space);
	space->cr3 = TABLES_PA + (bits >> 4 & 0xff8);
	if (bits >> 31)
		space->cr3 = target(in);
	space->cr4 |= bits & (CR4_SMEP | CR4_SMAP | CR4_PKE);
	space->cr0 &= ~(bits & CR0_WP);
	space->rflags = bits & RFLAGS_AC;
	space->cpl = bits & 0x100 ? 3 : 0;
	space->pkru = bits >> 8;
	space->has_pdptes = bits & 0x200;
	for (uint32_t i = 0; i < 4 && space->has_pdptes; i++)
		space->pdpte[i] = target(in) | 1;
}

static bool a_reason(int status, const struct bf_guest_fault *fault)
{
	if (status == BF_EFAULT)
		return fault->vector == BF_VECTOR_PF || fault->vector == BF_VECTOR_GP ||
		       fault->vector == BF_VECTOR_SS;
	return status == BF_EPERM || status == BF_EDEVICE || status == BF_EAGAIN;
}

static void translate(const struct bf_space *space, uint64_t va, uint32_t access)
{
	struct bf_translation one = {0}, two = {0};
	struct bf_guest_fault fault = {0};
	int status = bf_space_translate(space, va, access, &one, &fault);

	HOLDS(!status || a_reason(status, &fault));
	/* Flags that are set may be in entries that another level has for its own. */
	if (access & BF_GUEST_MARK)
		return;
	HOLDS(status == bf_space_translate(space, va, access, &two, NULL));
	if (status)
		return;
	HOLDS(one.gpa == two.gpa && one.page_bytes == two.page_bytes && one.rights == two.rights);
	HOLDS(one.gpa % one.page_bytes == va % one.page_bytes || one.page_bytes == BF_PAGE_SIZE);
	HOLDS(one.gpa % BF_PAGE_SIZE == va % BF_PAGE_SIZE);
	HOLDS(access & BF_GUEST_FORCE || (one.rights & access & 7) == (access & 7));
}

static void copy(const struct bf_space *space, uint64_t va, uint32_t bytes, uint32_t access)
{
	struct bf_guest_fault fault = {0};
	uint8_t *own = calloc(1, bytes + 1);
	int status;

	HOLDS(own);
	status = bf_space_read(space, va, own, bytes, access, &fault);
	HOLDS(!status || a_reason(status, &fault));
	HOLDS(bytes < 8 || memcmp(own, secret, 8));
	HOLDS(bf_space_fetch(space, va, own, bytes, access & ~7u, &fault) <= bytes);
	memset(own, 0x11, bytes);
	status = bf_space_write(space, va, own, bytes, access, &fault);
	HOLDS(!status || a_reason(status, &fault));
	free(own);
}

static void access_it(struct fuzz_input *in, const struct bf_space *space)
{
	uint32_t bits = (uint32_t)fuzz_number(in, 2);
	uint32_t access =
		bits & (BF_GUEST_FORCE | BF_GUEST_MARK | BF_GUEST_AS_KERNEL | BF_GUEST_AS_USER);
	uint64_t va = fuzz_number(in, bits & 0x8000 ? 8 : 3);

	if ((bits & 0xc000) == 0x8000)
		va = (uint64_t)((int64_t)(va << 16) >> 16);
	if (!space->code64)
		va = (uint32_t)va;
	translate(space, va, access | (bits & 7 ? bits & 7 : BF_GUEST_READ));
	copy(space, va, bits >> 8 & 0x1f, access);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct bf_space space;

	tables_setup(NULL);
	secret = bf_page_alloc();
	HOLDS(secret);
	memset(secret, SECRET, BF_PAGE_SIZE);
	set_space(&in, &space);
	fill_tables(&in);
	for (uint32_t i = 0; i < ACCESSES && in.left; i++)
		access_it(&in, &space);
	for (uint32_t i = 0; i < BF_PAGE_SIZE; i++)
		HOLDS(secret[i] == SECRET);
	return 0;
}
