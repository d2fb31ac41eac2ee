/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Reading and writing the memory of a guest, by its own addresses.
 *
 * A guest instruction names a segment and an offset; bf_guest_linear() makes a linear address
 * (GVA) of them as the CPU does, limits included. The guest's page tables make a guest-physical
 * address (GPA) of that, which bf_guest_translate() does with the rights that the CPU would check.
 * Where a GPA lies in the machine is the VMM's business: bf_gpa_to_hpa(). The copying functions do
 * all of it.
 *
 * Everything here may be called from a hook, on the CPU that the vCPU runs on. Nothing blocks,
 * takes a lock or allocates.
 *
 * Failures are one of
 * - BF_EFAULT: the guest's own page tables or segments forbid the access. The struct
 *   bf_guest_fault says which exception the CPU would raise; bf_guest_fault_inject() raises it.
 * - BF_EPERM: the memory is the VMM's. There is no way to reach it from here.
 * - BF_EDEVICE: there is no RAM at that guest-physical address: device memory, or nothing.
 * - BF_EAGAIN: BF_GUEST_MARK lost a race against other CPUs that kept changing a page-table entry.
 *
 * Other CPUs of the guest run meanwhile. What was translated may be mapped elsewhere a moment
 * later, and bytes that were read once may read differently the next time: copy what you decide
 * on, and decide on the copy.
 */
#ifndef BAREFRAME_GUEST_H
#define BAREFRAME_GUEST_H

#include <stdbool.h>
#include <bareframe/vcpu.h>
#include <bfabi/error.h>

/** How an access is made. */
enum bf_guest_access {
	BF_GUEST_READ = 0x01,
	BF_GUEST_WRITE = 0x02,
	BF_GUEST_FETCH = 0x04, /**< to execute it */

	/* For whom. With none of these: for the code that the vCPU runs, at its CPL. */
	BF_GUEST_AS_USER = 0x10,   /**< as an instruction at CPL 3 */
	BF_GUEST_AS_KERNEL = 0x20, /**< as an instruction at CPL 0; with SMAP, RFLAGS.AC counts */
	BF_GUEST_AS_CPU = 0x40,    /**< as the CPU itself reads GDT, IDT and TSS at any CPL */
	BF_GUEST_FORCE = 0x80,     /**< whatever the rights: present is enough */

	/**
	 * Sets accessed and dirty flags in the guest's page tables, as the CPU does. Without it the
	 * guest cannot tell that there was an access; a page that it believes clean may then be
	 * dropped, and what was written with it.
	 */
	BF_GUEST_MARK = 0x100,
};

/** Error code of a page fault (SDM volume 3, 4.7; APM volume 2, 8.4.2). */
enum bf_pf_error {
	BF_PF_PRESENT = 0x01,  /**< the page is there: rights, or a reserved bit */
	BF_PF_WRITE = 0x02,    /**< */
	BF_PF_USER = 0x04,     /**< at CPL 3 */
	BF_PF_RESERVED = 0x08, /**< a reserved bit is set in an entry */
	BF_PF_FETCH = 0x10,    /**< only where the CPU has NX or SMEP on */
	BF_PF_KEY = 0x20,      /**< a protection key forbids it */
};

/** Why an access failed, as the guest would see it. */
struct bf_guest_fault {
	uint64_t address;    /**< linear address of the first byte that fails; CR2 of a \#PF */
	uint32_t error_code; /**< enum bf_pf_error; 0 for \#GP and \#SS */
	uint8_t vector;      /**< BF_VECTOR_PF, _GP or _SS; 0 with an error that is not BF_EFAULT */
};

/**
 * An address space: all that says how linear addresses are translated, and for whom.
 *
 * bf_space_of() gives that of a vCPU. A copy with another @c cr3 is another process of the same
 * kernel (which may run on any CPU or none); other members may be changed as well.
 */
struct bf_space {
	struct bf_vm *vm;             /**< whose guest-physical addresses come out */
	uint64_t cr0, cr3, cr4, efer; /**< */
	uint64_t rflags;              /**< AC counts, for SMAP */
	uint64_t pdpte[4];            /**< with @c has_pdptes: what the CPU loaded from CR3 */
	uint32_t pkru;                /**< counts if CR4.PKE is set */
	uint32_t pkrs;                /**< counts if CR4.PKS is set */
	uint8_t cpl;                  /**< */
	bool code64;     /**< 64-bit code; else accesses below 4 GiB wrap around there */
	bool has_pdptes; /**< else PAE paging reads them from memory, as AMD-V does */
};

/** Where a linear address leads. */
struct bf_translation {
	uint64_t gpa;
	uint64_t page_bytes; /**< 4 KiB, 2 MiB, 4 MiB or 1 GiB; 4 KiB without paging */
	uint32_t rights;     /**< BF_GUEST_READ, _WRITE, _FETCH: what whoever asked may do here */
	uint8_t key;         /**< protection key of the page */
	bool user;           /**< a user page */
};

/** Describes the address space that @p vcpu, which runs on this CPU, has at this exit. */
void bf_space_of(struct bf_vcpu *vcpu, struct bf_space *space);

/**
 * Translates linear address @p gva and checks the access (SDM volume 3, chapter 4; APM volume 2,
 * chapter 5).
 *
 * Knows no paging, 32-bit paging with and without PSE and PSE-36, PAE, 4 and 5 levels; CR0.WP, NX,
 * SMEP, SMAP, protection keys for user and supervisor pages, reserved bits. Knows nothing of
 * linear-address masking (take the tag off before), of shadow-stack accesses, and of memory
 * encryption bits in page tables.
 *
 * @param access  at least one of BF_GUEST_READ, _WRITE, _FETCH, or BF_GUEST_FORCE; all must be
 *		  allowed
 * @param fault	  may be NULL, here and everywhere below
 * @return 0, BF_EFAULT, or where a page table lies in such memory, BF_EPERM or BF_EDEVICE;
 * BF_EAGAIN. The page itself is not looked at: it may be a device's.
 */
int bf_space_translate(const struct bf_space *space, uint64_t gva, uint32_t access,
		       struct bf_translation *out, struct bf_guest_fault *fault);

/**
 * Copies @p bytes at @p gva, across pages, to @p to. BF_GUEST_READ is implied in @p access.
 * @return 0 or an error; then the bytes in front of the failing page may have been copied
 */
int bf_space_read(const struct bf_space *space, uint64_t gva, void *to, uint64_t bytes,
		  uint32_t access, struct bf_guest_fault *fault);

/** What bf_space_write() and bf_gpa_write() take at once. */
#define BF_GUEST_WRITE_MAX 0x10000u

/**
 * Copies @p bytes at @p from to @p gva: all of them, or on an error none. BF_GUEST_WRITE is
 * implied in @p access. Other CPUs may see some of the bytes before the others; aligned writes of
 * 1, 2, 4 and 8 bytes are seen at once.
 * @return 0 or an error, BF_ERANGE for more than BF_GUEST_WRITE_MAX bytes
 */
int bf_space_write(const struct bf_space *space, uint64_t gva, const void *from, uint64_t bytes,
		   uint32_t access, struct bf_guest_fault *fault);

/**
 * Copies up to @p bytes of code at @p gva. BF_GUEST_FETCH is implied in @p access.
 * @return how many there are: fewer than asked where a page cannot be executed, and then @p fault
 * (all zero otherwise) is what executing the next byte would raise
 */
uint32_t bf_space_fetch(const struct bf_space *space, uint64_t gva, void *to, uint32_t bytes,
			uint32_t access, struct bf_guest_fault *fault);

/** These five are the above for the address space that @p vcpu has now. */
int bf_guest_translate(struct bf_vcpu *vcpu, uint64_t gva, uint32_t access,
		       struct bf_translation *out, struct bf_guest_fault *fault);
int bf_guest_read(struct bf_vcpu *vcpu, uint64_t gva, void *to, uint64_t bytes, uint32_t access,
		  struct bf_guest_fault *fault);
int bf_guest_write(struct bf_vcpu *vcpu, uint64_t gva, const void *from, uint64_t bytes,
		   uint32_t access, struct bf_guest_fault *fault);
uint32_t bf_guest_fetch(struct bf_vcpu *vcpu, uint64_t gva, void *to, uint32_t bytes,
			uint32_t access, struct bf_guest_fault *fault);

/**
 * Gives the VMM a pointer to the guest's memory at @p gva, for accesses that are more than a copy.
 * The range must not cross a 4 KiB boundary.
 *
 * The pointer is good until bf_guest_unmap(), which comes before the hook returns. It leads to
 * memory that the guest and its devices go on using: read through volatile or atomic accesses, and
 * check nothing there that you have not copied. It is mapped write-back whatever memory type the
 * guest has for the page.
 *
 * @return 0 or an error; BF_EINVAL for a range that crosses
 */
int bf_guest_map(struct bf_vcpu *vcpu, uint64_t gva, uint64_t bytes, uint32_t access, void **at,
		 struct bf_guest_fault *fault);
void bf_guest_unmap(struct bf_vcpu *vcpu, void *at);

/**
 * Makes a linear address of @p offset in @p segment for an access to @p bytes bytes there, with the
 * checks that segmentation makes: limit and type, or in 64-bit mode canonical form.
 *
 * @param access  BF_GUEST_READ, _WRITE, _FETCH; the privilege level plays no part here
 * @return 0, BF_EFAULT with a \#SS (stack segment) or \#GP, BF_EINVAL for 0 bytes or 4 GiB
 */
int bf_guest_linear(struct bf_vcpu *vcpu, enum bf_seg segment, uint64_t offset, uint64_t bytes,
		    uint32_t access, uint64_t *gva, struct bf_guest_fault *fault);

/** Raises @p fault, of an access that gave BF_EFAULT, in the guest: return BF_INJECT after it. */
void bf_guest_fault_inject(struct bf_vcpu *vcpu, const struct bf_guest_fault *fault);

/**
 * Where guest-physical @p gpa of @p vm lies in the machine's memory. Without second-level tables
 * that is the same address.
 * @return 0, BF_EPERM, BF_EDEVICE
 */
int bf_gpa_to_hpa(struct bf_vm *vm, uint64_t gpa, uint64_t *hpa);

/** As bf_space_read() and bf_space_write(), by guest-physical address, from any CPU. */
int bf_gpa_read(struct bf_vm *vm, uint64_t gpa, void *to, uint64_t bytes);
int bf_gpa_write(struct bf_vm *vm, uint64_t gpa, const void *from, uint64_t bytes);

/** As bf_guest_map(), by guest-physical address; may be kept beyond the hook. */
int bf_gpa_map(struct bf_vm *vm, uint64_t gpa, uint64_t bytes, void **at);
void bf_gpa_unmap(struct bf_vm *vm, void *at);

#endif
