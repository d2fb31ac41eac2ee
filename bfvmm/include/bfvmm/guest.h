/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Behind bareframe/guest.h: how a guest's page tables are walked, and where its memory lies.
 */
#ifndef BFVMM_GUEST_H
#define BFVMM_GUEST_H

#include <bareframe/guest.h>

#define BF_WALK_STEPS 5

/** An entry that a walk went through, and what it held. */
struct bf_walk_step {
	volatile uint64_t *entry; /**< only its lower half with 32-bit paging */
	uint64_t value;
};

/** What a walk has found; complete only if it succeeded. */
struct bf_walk {
	uint64_t gpa;
	uint64_t page_bytes;
	uint64_t all;  /**< all entries, ANDed: user and writable pages are so at every level */
	uint64_t any;  /**< all entries, ORed: no-execute counts at any level */
	uint8_t key;   /**< protection key */
	uint8_t steps; /**< 0 without paging */
	bool narrow;   /**< entries have 32 bits */
	struct bf_walk_step step[BF_WALK_STEPS];
};

#define BF_ENTRY_P  0x001ull
#define BF_ENTRY_W  0x002ull
#define BF_ENTRY_U  0x004ull
#define BF_ENTRY_A  0x020ull
#define BF_ENTRY_D  0x040ull
#define BF_ENTRY_PS 0x080ull
#define BF_ENTRY_NX (1ull << 63)

/** Learns from this CPU which bits of page-table entries are reserved. Once, at BF_OP_INIT. */
void bf_guest_walk_setup(void);

/**
 * Walks the page tables of @p space for linear address @p va, which must be canonical. Checks no
 * access rights and sets no flags.
 * @return 0; BF_ENOENT: an entry is not present; BF_EINVAL: one has a reserved bit set; BF_EPERM or
 * BF_EDEVICE: one lies in such memory
 */
int bf_guest_walk(const struct bf_space *space, uint64_t va, struct bf_walk *walk);

/**
 * Sets the accessed flags of the entries of @p walk, and the dirty flag of the last if the access
 * @p writes. @return 0, or BF_EAGAIN if an entry is not any more what the walk has seen
 */
int bf_guest_walk_mark(struct bf_walk *walk, bool writes);

/**
 * Walks, checks the access, and sets flags if it asks for that.
 * @return as bf_space_translate()
 */
int bf_space_walk(const struct bf_space *space, uint64_t va, uint32_t access, struct bf_walk *walk,
		  struct bf_guest_fault *fault);

/** @return whether @p va is canonical, or wide enough for what @p space translates. */
bool bf_space_canonical(const struct bf_space *space, uint64_t va);

/**
 * Whether @p walk lets the access through. @return 0, or the error code of the page fault that
 * the access raises
 */
uint32_t bf_guest_denied(const struct bf_space *space, const struct bf_walk *walk, uint32_t access);

/** @return the error code of a page fault of @p access, apart from what its cause adds. */
uint32_t bf_guest_pf_error(const struct bf_space *space, uint32_t access);

/**
 * Finds memory of @p vm. @p bytes must not cross a page boundary.
 * @return 0 and where it is mapped in the VMM; BF_EPERM, BF_EDEVICE
 */
int bf_guest_memory(const struct bf_vm *vm, uint64_t gpa, uint64_t bytes, void **at);

#endif
