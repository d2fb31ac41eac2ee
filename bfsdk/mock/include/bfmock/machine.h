/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The mock machine: a software model of the CPUs and the memory that the VMM runs on, for unit
 * tests. The VMM's C code runs on it unchanged.
 *
 * A test builds a machine from a profile, lets VMM code run on its current CPU, and looks at
 * what happened. What no CPU would forgive (an unguarded access to an MSR that does not exist,
 * VMREAD without a VMCS, an address without memory) fails the test at once.
 */
#ifndef BFMOCK_MACHINE_H
#define BFMOCK_MACHINE_H

#include <stdbool.h>
#include <bfabi/boot.h>
#include <bfabi/log.h>
#include <bfabi/types.h>
#include <bfhw/hw.h>

#define MOCK_CPUS          8
#define MOCK_MSRS          192
#define MOCK_LEAVES        64
#define MOCK_MEMORY        (64UL << 20) /**< bytes of physical memory, from address 0 */
#define MOCK_POOL_PA       (32UL << 20) /**< where mock_pool_init() puts the page pool */
#define MOCK_NO_VMCS       (~0UL)
#define MOCK_VMCS_REVISION 0x4242

enum mock_vendor {
	MOCK_INTEL,
	MOCK_AMD
};

/** X(NAME, in the full Intel profile, in the full AMD profile): what a CPU may or may not offer. */
#define MOCK_FEATURES(X)                                                                           \
	X(VIRT, 1, 1) /* VMX or SVM in CPUID */                                                    \
	X(LA57, 0, 0)                                                                              \
	X(PCID, 1, 0)                                                                              \
	X(XSAVE, 1, 1)                                                                             \
	X(XSAVES, 1, 0)                                                                            \
	X(RDTSCP, 1, 1)                                                                            \
	X(INVPCID, 1, 0)                                                                           \
	X(UMWAIT, 0, 0)                                                                            \
	X(MTRR, 1, 1)                                                                              \
	X(PAGE_1G, 1, 1)                                                                           \
	X(SECONDARY, 1, 0) /* VMX: secondary processor-based controls */                           \
	X(TRUE_CTLS, 1, 0)                                                                         \
	X(MSR_BITMAP, 1, 0)                                                                        \
	X(VIRTUAL_NMI, 1, 0)                                                                       \
	X(PREEMPTION, 1, 0)                                                                        \
	X(EFER_LOAD, 1, 0)                                                                         \
	X(PAT_LOAD, 1, 0)                                                                          \
	X(EPT, 1, 0)                                                                               \
	X(EPT_1G, 1, 0)                                                                            \
	X(VPID, 1, 0)                                                                              \
	X(UNRESTRICTED, 1, 0)                                                                      \
	X(TSC_SCALING, 1, 0)                                                                       \
	X(EXOTIC, 0, 0) /* VMX: controls and fields that no profile here offers */                 \
	X(NPT, 0, 1)    /* SVM: nested paging */                                                   \
	X(NRIP, 0, 1)                                                                              \
	X(DECODE, 0, 1)                                                                            \
	X(FLUSH_ASID, 0, 1)                                                                        \
	X(CLEAN, 0, 1)                                                                             \
	X(VGIF, 0, 1)                                                                              \
	X(PAUSE_FILTER, 0, 1)

enum mock_feature_number {
#define X(name, intel, amd) MOCK_BIT_##name,
	MOCK_FEATURES(X)
#undef X
	MOCK_FEATURE_COUNT
};

enum mock_feature {
#define X(name, intel, amd) MOCK_##name = 1 << MOCK_BIT_##name,
	MOCK_FEATURES(X)
#undef X
};

struct mock_profile {
	const char *name;
	enum mock_vendor vendor;
	uint32_t features; /**< MOCK_* bits */
};

extern const struct mock_profile mock_intel;     /**< a recent CPU with all that we use */
extern const struct mock_profile mock_intel_old; /**< no EPT, VPID, unrestricted guest */
extern const struct mock_profile mock_amd;       /**< NRIP-save, decode assists and the rest */
extern const struct mock_profile mock_amd_bare;  /**< NPT alone */

/** All of the above, NULL at the end. */
extern const struct mock_profile *const mock_profiles[];

struct mock_msr {
	uint32_t number;
	bool read_only;
	uint64_t value;
};

struct bf_pcpu;

struct mock_cpu {
	uint64_t cr0, cr2, cr3, cr4, cr8, dr[4], dr6, dr7, xcr0;
	uint32_t pkru;
	struct bf_hw_table gdtr, idtr;
	uint16_t tr;
	uint32_t msr_count;
	struct mock_msr msr[MOCK_MSRS];
	struct bf_pcpu *pcpu;
	bool vmx_on;
	uint64_t vmxon_pa;
	uint64_t vmcs_pa;             /**< the current VMCS, or MOCK_NO_VMCS */
	bool gif;                     /**< SVM's global interrupt flag */
	uint8_t hidden[BF_PAGE_SIZE]; /**< VMSAVE state, at its offsets in a VMCB */
};

struct mock_leaf {
	uint32_t leaf, subleaf;
	bool any_subleaf;
	struct bf_hw_cpuid out;
};

/** How often each thing happened, on all CPUs, since mock_counts_reset(). */
struct mock_counts {
	uint64_t cpuid, rdmsr, wrmsr, vmread, vmwrite, vmsave, vmload, invept, invvpid;
	uint64_t cr_read, cr_write, wbinvd, xsetbv, pause, in, out;
	uint64_t page_alloc, page_free; /**< calls of bf_pages_alloc() and bf_pages_free() */
};

/** Failures to order. Counts from 1; 0 is never. Each happens once. */
struct mock_faults {
	uint64_t page_alloc; /**< the n-th bf_pages_alloc() from now returns NULL */
	uint64_t vmxon;      /**< the n-th VMXON fails */
	uint64_t vmclear;
	uint64_t vmptrld;
	uint64_t entry;       /**< the n-th VMLAUNCH or VMRUN is refused */
	uint64_t entry_guest; /**< the n-th VMLAUNCH fails late, on the guest state */
	uint32_t rdmsr;       /**< RDMSR of this MSR faults, as long as it is set */
	uint32_t wrmsr;
};

struct mock_machine {
	const struct mock_profile *profile;
	uint32_t features;
	uint32_t cpu_count;
	uint32_t cpu; /**< index of the current CPU */
	struct mock_cpu cpus[MOCK_CPUS];
	uint32_t leaf_count;
	struct mock_leaf leaves[MOCK_LEAVES];
	struct mock_counts count;
	struct mock_faults fault;
	uint8_t port_in[65536];
	uint32_t out_count;
	uint8_t out_text[4096]; /**< what was written to ports, in order */
	uint64_t tsc;
};

extern struct mock_machine mock;

/** A fresh machine: all CPUs as firmware and an OS leave them, memory zeroed. */
void mock_reset(const struct mock_profile *profile, uint32_t cpu_count);

/** As mock_reset(), with features taken away from or added to the profile's. */
void mock_reset_with(const struct mock_profile *profile, uint32_t cpu_count, uint32_t remove,
		     uint32_t add);

/** Makes @p cpu the one that code runs on. */
void mock_cpu_switch(uint32_t cpu);
struct mock_cpu *mock_this(void);

void mock_counts_reset(void);

/** Hands @p bytes at MOCK_POOL_PA to bf_pool_init(). */
void mock_pool_init(uint64_t bytes);

/** A boot record for this machine: CPUs, one region of RAM, the page pool. */
void mock_boot_fill(struct bf_boot *boot, uint64_t pool_bytes);

/** @return the MSR of the current CPU, NULL if it has none of that number. */
struct mock_msr *mock_msr_find(uint32_t number);

/** Sets an MSR on every CPU, adds it where there is none. */
void mock_msr_set(uint32_t number, uint64_t value);
void mock_msr_remove(uint32_t number);

/** Sets the result of a CPUID leaf. */
void mock_cpuid_set(uint32_t leaf, uint32_t subleaf, struct bf_hw_cpuid out);
/** @return the table entry that answers @p leaf, @p subleaf, or NULL. */
struct mock_leaf *mock_cpuid_find(uint32_t leaf, uint32_t subleaf);

static inline bool mock_has(uint32_t feature)
{
	return (mock.features & feature) == feature;
}

/** How code under mock_catch() ended. */
enum mock_end {
	MOCK_RETURNED, /**< it returned */
	MOCK_HALTED,   /**< the CPU halted: a panic */
	MOCK_ENTERED,  /**< the CPU entered a guest */
	MOCK_LEFT,     /**< the CPU went back to the loader's world */
	MOCK_FAULTED   /**< it did what no CPU forgives; mock_fault_text says what */
};

extern char mock_fault_text[256];

/** Runs @p fn(@p ctx) on the current CPU until it ends in one of these ways. */
enum mock_end mock_catch(void (*fn)(void *ctx), void *ctx);

/** Ends the code under mock_catch(). Without one, fails the test. */
_Noreturn void mock_end(enum mock_end how);

/** The machine's complaint. */
_Noreturn void mock_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
