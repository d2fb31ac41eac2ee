/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The vendor seam: what the generic VMM asks of a virtualization backend.
 *
 * Only cold operations go through the table. The exit path does not: each backend's exit stub
 * calls a C entry of its own, which calls bf_exit_dispatch() (dispatch.h) directly.
 */
#ifndef BFVMM_HV_H
#define BFVMM_HV_H

#include <stdbool.h>
#include <bareframe/exit.h>
#include <bareframe/s2.h>
#include <bareframe/vcpu.h>
#include <bfabi/error.h>
#include <bfvmm/slot.h>
#include <bfvmm/state.h>

struct bf_vm;
struct bf_vcpu;
struct bf_pcpu;

/** The x86 memory types, by their MTRR and PAT encodings. */
enum bf_memtype {
	BF_MT_UC = 0,
	BF_MT_WC = 1,
	BF_MT_WT = 4,
	BF_MT_WP = 5,
	BF_MT_WB = 6
};

/** How this CPU writes second-level tables. Levels count from 1 (4 KiB leaves). */
struct bf_s2_format {
	uint32_t levels;      /**< of the whole tree: 4, or 5 */
	uint32_t leaf_levels; /**< highest level that may hold a leaf: 1, 2 (2 MiB) or 3 (1 GiB) */
	bool typed;           /**< leaves carry a memory type (EPT); else MTRRs apply (NPT) */
	/** @return what an entry grants that @p access is asked for: that, or less */
	uint32_t (*granted)(uint32_t access);
	/** Never 0: a page without any right can be told from one that is not mapped. */
	uint64_t (*leaf)(uint64_t pa, uint32_t level, uint32_t access, enum bf_memtype type);
	uint64_t (*table)(uint64_t pa);  /**< an entry that points to a lower table */
	bool (*present)(uint64_t entry); /**< either kind, with any right */
	bool (*is_leaf)(uint64_t entry, uint32_t level);
	uint64_t (*address)(uint64_t entry, uint32_t level); /**< what the entry points to */
};

/** A guest's MOV to or from a control register, CLTS or LMSW, decoded. */
struct bf_cr_access {
	uint8_t cr;
	bool write;
	bool clts;      /**< CLTS: value is CR0 without TS */
	bool lmsw;      /**< LMSW: value is CR0 with the new low bits */
	uint8_t gpr;    /**< 0 … 15, RSP is 4; for MOV */
	uint64_t value; /**< to be written */
};

/** Gives one range after the other. @return false if there is none left */
typedef bool (*bf_range_next_fn)(void *ctx, struct bf_range *range);

/** A guest's port instruction, decoded. */
struct bf_io_access {
	uint16_t port;
	uint8_t size;         /**< bytes that go through the port at once: 1, 2 or 4 */
	bool write;           /**< OUT, OUTS */
	bool string;          /**< INS, OUTS */
	bool rep;             /**< a string, with a REP prefix of either kind */
	uint8_t address_size; /**< bytes of a string's address: 2, 4 or 8 */
	uint8_t segment;      /**< of a string: enum bf_seg, for INS always ES */
	uint8_t length;       /**< bytes of the instruction */
};

/** Receives one line of a dump. */
typedef void (*bf_dump_fn)(const char *name, uint64_t value);

/**
 * A backend. All functions run on a CPU in the VMM, do not block, and fill @c report on failure
 * where they take one.
 */
struct bf_hv_ops {
	const char *name; /**< "VMX" or "SVM" */

	/** CPUID says that this CPU has this kind of virtualization. */
	bool (*present)(void);
	/** Once, at BF_OP_INIT: requirements met, not disabled by firmware; learns features. */
	int (*setup)(struct bf_report *report);

	/** Turns virtualization on, on this CPU. Fails if it is disabled or in use here. */
	int (*cpu_on)(struct bf_pcpu *pcpu, struct bf_report *report);
	void (*cpu_off)(struct bf_pcpu *pcpu);

	/** Allocates and frees what the VM's vCPUs share: MSR bitmaps, I/O bitmaps. */
	int (*vm_create)(struct bf_vm *vm, struct bf_report *report);
	void (*vm_destroy)(struct bf_vm *vm);

	/** Allocates and frees a vCPU's control block. Any CPU may run these. */
	int (*vcpu_create)(struct bf_vcpu *vcpu, struct bf_report *report);
	void (*vcpu_destroy)(struct bf_vcpu *vcpu);

	/** Makes @p vcpu current on this CPU and sets all its control, host and guest fields. */
	int (*vcpu_load)(struct bf_vcpu *vcpu, const struct bf_state *state,
			 struct bf_report *report);
	/** Reads the guest state back. @p vcpu must be current. */
	void (*vcpu_save)(struct bf_vcpu *vcpu, struct bf_state *state);

	/** Walks the manual's VM-entry rules over the control block; names field and rule. */
	int (*entry_check)(struct bf_vcpu *vcpu, struct bf_report *report);
	/** Enters the guest for the first time. Returns only when the CPU refuses. */
	int (*launch)(struct bf_vcpu *vcpu, struct bf_report *report);

	/** Programs @c vcpu->event for the next entry, or opens a window if it is blocked. */
	void (*inject)(struct bf_vcpu *vcpu);
	/** Passes an NMI that hit the VMM on to the guest: at the next entry, or by a window. */
	void (*inject_nmi)(struct bf_vcpu *vcpu);
	/** RIP behind the exiting instruction; ends STI and MOV SS blocking; honours TF. */
	void (*advance)(struct bf_vcpu *vcpu);
	/** As advance(), to @p rip, for an instruction that the VMM has executed whatever made it
	 *  exit. Cut to the guest's mode if it comes from an addition. */
	void (*advance_to)(struct bf_vcpu *vcpu, uint64_t rip);

	/** Has @p vcpu exit with reason SINGLE_STEP behind each instruction, or no longer. */
	void (*step)(struct bf_vcpu *vcpu, bool on);

	uint64_t (*get)(struct bf_vcpu *vcpu, enum bf_field field);
	int (*set)(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value);

	/** The PDPTEs of PAE paging, where the CPU keeps what it loaded from CR3. May be NULL.
	 *  @return false if it reads them from memory: nothing is filled in */
	bool (*pdptes)(struct bf_vcpu *vcpu, uint64_t pdpte[4]);

	/** Has @p vcpu, which must be current, exit for @p reason: one bit a key (vector, number of
	 *  a register) where the reason has such, else any bit. 0: only as the backend itself
	 *  needs it. BF_ENOTSUP if the CPU has no such exit. */
	int (*intercept)(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys);
	/** The keys for which intercept() could: usable before any vCPU exists. */
	uint64_t (*can_intercept)(enum bf_exit_reason reason);
	/** For RDMSR, WRMSR and IO: which MSRs or ports exit on all vCPUs of @p vm once intercept()
	 *  has the reason on; beside those that the backend itself needs. */
	void (*intercept_ranges)(struct bf_vm *vm, enum bf_exit_reason reason,
				 bf_range_next_fn next, void *ctx);

	/** Whether NMIs can be made to exit while bf_kicks_on (call.h) is set, and injected. */
	bool (*can_kick)(void);
	/** Takes the NMIs that this CPU holds back, in the VMM's handler. */
	void (*take_nmis)(void);

	/** What the exit of reason CR_READ or CR_WRITE was about to do. */
	void (*decode_cr)(struct bf_vcpu *vcpu, struct bf_cr_access *access);
	/** What the exit of reason IO was about to do. @return 0, or BF_EAGAIN if that takes the
	 *  instruction and it is no longer there: the guest shall execute what is */
	int (*decode_io)(struct bf_vcpu *vcpu, struct bf_io_access *access);
	/** What the exit of reason DR_ACCESS was about to do. */
	void (*decode_dr)(struct bf_vcpu *vcpu, struct bf_dr *access);
	/** How the control VM sees an MSR that the backend virtualizes. @return BF_PASS: as the
	 *  hardware has it; BF_SKIP: done; BF_INJECT: raise \#GP(0). See msr.h. */
	int (*read_msr)(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value);
	int (*write_msr)(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value);
	/** Bits that the guest must not see in CPUID, by leaf; ends with leaf 0xffffffff. */
	const struct bf_cpuid_mask *cpuid_masks;

	/** The backend's own default for @p reason, or NULL for the generic one. May be NULL. */
	const struct bf_slot *(*slot)(enum bf_exit_reason reason);

	/** NULL if the CPU has no second-level translation (or does not let us use it). */
	const struct bf_s2_format *(*s2_format)(void);
	/** Drops what this CPU cached for the guest's linear address @p gva; may drop more. */
	void (*invlpg)(struct bf_vcpu *vcpu, uint64_t gva);
	/** Drops what this CPU cached of all second-level tables of the VM. */
	void (*s2_flush)(struct bf_vcpu *vcpu);
	/** Has @p vcpu, which must be current, run on the tables at @p root. */
	void (*s2_root)(struct bf_vcpu *vcpu, uint64_t root);
	/** What the exit of reason S2_FAULT was about to do. */
	void (*decode_s2)(struct bf_vcpu *vcpu, struct bf_s2_access *access);

	/** All of the control block by field name. */
	void (*dump)(struct bf_vcpu *vcpu, bf_dump_fn emit);
};

/** CPUID result bits to clear, of leaf 7 in subleaf 0: those of the virtualization that we use. */
struct bf_cpuid_mask {
	uint32_t leaf;
	uint32_t clear_eax, clear_ebx, clear_ecx, clear_edx;
};

extern const struct bf_hv_ops bf_vmx_ops; /**< Intel VT-x; in arch/x86_64/vmx */
extern const struct bf_hv_ops bf_svm_ops; /**< AMD-V; in arch/x86_64/svm */

/** The backend in use; NULL before BF_OP_INIT. */
extern const struct bf_hv_ops *bf_hv;

/** Every backend that the image has, NULL at the end: what bf_hv is chosen from. */
extern const struct bf_hv_ops *const bf_hv_backends[];

#endif
