/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Running the VMM on the mock machine, with a guest whose instructions a test chooses.
 *
 * mock_vmm_start() brings the VMM up on all CPUs as a loader would. After that a test executes
 * instructions on a vCPU of either vendor and sees what a guest would see: new registers, or an
 * exception.
 */
#ifndef BFMOCK_GUEST_H
#define BFMOCK_GUEST_H

#include <bareframe/s2.h>
#include <bfabi/hypercall.h>
#include <bfmock/machine.h>
#include <bfvmm/vcpu.h>

/** Where the guest runs: 64-bit code, identity-mapped, ring 0. */
#define MOCK_GUEST_CR3   0x10000UL
#define MOCK_GUEST_RIP   0x400000UL
#define MOCK_GUEST_STACK 0x300000UL

extern struct bf_boot mock_boot;
extern struct bf_switch mock_switch[MOCK_CPUS];

/** BF_OP_INIT with @p cmdline. @return its status */
int mock_vmm_init(const char *cmdline);

/** BF_OP_START on @p cpu. @return 0 if it entered the guest, else the status */
int mock_vmm_start_cpu(uint32_t cpu);

/** Both of the above, on all CPUs. @return 0 or the first failure */
int mock_vmm_start(const char *cmdline);

/** Stops every CPU by hypercall, then BF_OP_FINI. @return 0, or the first failure */
int mock_vmm_stop(void);

/** @return the vCPU of the current CPU. */
struct bf_vcpu *mock_vcpu(void);

enum mock_instruction {
	MOCK_CPUID,
	MOCK_RDMSR,
	MOCK_WRMSR,
	MOCK_XSETBV,
	MOCK_HYPERCALL, /**< VMCALL or VMMCALL */
	MOCK_VIRT_INSN, /**< VMXON or VMRUN */
	MOCK_INVD,
	MOCK_WBINVD,
	MOCK_RDTSC,
	MOCK_RDTSCP_INSN,
	MOCK_RDPMC,
	MOCK_HLT,
	MOCK_PAUSE,
	MOCK_MONITOR,
	MOCK_MWAIT,
	MOCK_INVLPG, /**< this and those below have operands: see execute.h */
	MOCK_IN,
	MOCK_OUT,
	MOCK_MOV_FROM_CR,
	MOCK_MOV_TO_CR,
	MOCK_MOV_FROM_DR,
	MOCK_MOV_TO_DR,
	MOCK_INSTRUCTIONS
};

/** What an exit or an instruction came to. */
struct mock_result {
	enum mock_end end; /**< MOCK_RETURNED: the guest runs on */
	bool exited;       /**< the VMM saw it */
	bool injected;     /**< an event is delivered to the guest; the next four say which */
	uint8_t type;      /**< enum bf_event_type */
	uint8_t vector;
	bool has_error;
	uint32_t error_code;
	bool debug_trap; /**< a single-step trap is due behind the instruction */
	uint64_t rip;    /**< where the guest goes on */
};

/** Executes an instruction without operands at the guest's RIP; see execute.h for others. */
struct mock_result mock_execute(struct bf_vcpu *vcpu, enum mock_instruction instruction);

struct mock_result mock_execute_cpuid(struct bf_vcpu *vcpu, uint32_t leaf, uint32_t subleaf);
struct mock_result mock_execute_rdmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value);
struct mock_result mock_execute_wrmsr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value);
struct mock_result mock_execute_xsetbv(struct bf_vcpu *vcpu, uint32_t index, uint64_t value);
struct mock_result mock_execute_hypercall(struct bf_vcpu *vcpu, uint64_t number, uint64_t arg);

/** A raw exit: what the processor reports, in the vendor's own terms. */
struct mock_exit {
	uint32_t reason;        /**< basic exit reason, or EXITCODE */
	uint32_t length;        /**< of the instruction, 0 if there is none */
	uint64_t qualification; /**< exit qualification, or EXITINFO1 */
	uint64_t info2;         /**< EXITINFO2 */
	uint64_t gpa; /**< guest-physical address (also EXITINFO2 of a nested page fault) */
	uint32_t interruption; /**< VM-exit interruption information */
	uint32_t error_code;   /**< VM-exit interruption error code */
	uint64_t vectoring;    /**< IDT-vectoring information, or EXITINTINFO */
};

/** Lets @p vcpu, which must be the current CPU's, exit, and the VMM handle it. */
struct mock_result mock_guest_exit(struct bf_vcpu *vcpu, const struct mock_exit *exit);

/** @return the rights that the second-level tables which @p vcpu runs on grant at @p gpa. */
uint32_t mock_s2_rights(struct bf_vcpu *vcpu, uint64_t gpa);

/**
 * The instruction at the guest's RIP accesses @p gpa, by an identical linear address; @p kind is
 * one of enum bf_s2_right. If the tables let it, nothing happens, to memory and registers neither:
 * @c exited is false. Else the CPU exits, and the VMM may emulate the instruction.
 */
struct mock_result mock_access(struct bf_vcpu *vcpu, uint64_t gpa, uint32_t kind);

/**
 * A fault of the second-level tables, whatever they hold.
 * @param vectoring  as in struct mock_exit: the event whose delivery it interrupts, or 0
 */
struct mock_result mock_s2_fault(struct bf_vcpu *vcpu, const struct bf_s2_access *access,
				 uint64_t vectoring);

#endif
