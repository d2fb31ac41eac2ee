/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a handler may know and change of the vCPU that exited.
 *
 * Everything here is for the pCPU that the vCPU runs on, from inside a hook. Nothing blocks.
 */
#ifndef BAREFRAME_VCPU_H
#define BAREFRAME_VCPU_H

#include <stdbool.h>
#include <bfabi/types.h>

struct bf_vm;
struct bf_vcpu;

/** General-purpose registers at the exit; changes count at the next entry. RSP is a field. */
struct bf_regs {
	uint64_t rax, rcx, rdx, rbx, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
};

/** X(NAME): vCPU fields by neutral name. Segment fields keep the order ES CS SS DS FS GS. */
/* clang-format off */
#define BF_FIELDS(X)                                                                               \
	X(RIP) X(RSP) X(RFLAGS) X(CR0) X(CR2) X(CR3) X(CR4) X(CR8) X(EFER) X(DR6) X(DR7) X(PAT)    \
	X(DEBUGCTL) X(TSC_OFFSET) X(SYSENTER_CS) X(SYSENTER_ESP) X(SYSENTER_EIP)                   \
	X(ES_SELECTOR) X(CS_SELECTOR) X(SS_SELECTOR) X(DS_SELECTOR) X(FS_SELECTOR) X(GS_SELECTOR)  \
	X(LDTR_SELECTOR) X(TR_SELECTOR)                                                            \
	X(ES_BASE) X(CS_BASE) X(SS_BASE) X(DS_BASE) X(FS_BASE) X(GS_BASE) X(LDTR_BASE) X(TR_BASE)  \
	X(ES_LIMIT) X(CS_LIMIT) X(SS_LIMIT) X(DS_LIMIT) X(FS_LIMIT) X(GS_LIMIT) X(LDTR_LIMIT)      \
	X(TR_LIMIT)                                                                                \
	X(ES_ACCESS) X(CS_ACCESS) X(SS_ACCESS) X(DS_ACCESS) X(FS_ACCESS) X(GS_ACCESS)              \
	X(LDTR_ACCESS) X(TR_ACCESS)                                                                \
	X(GDTR_BASE) X(GDTR_LIMIT) X(IDTR_BASE) X(IDTR_LIMIT)                                      \
	X(CPL)                                                                                     \
	X(SHADOW) /* bit 0: blocked by STI, bit 1: by MOV SS (SVM: both as bit 0), bit 3: NMI */   \
	X(EXIT_REASON) X(EXIT_QUALIFICATION) X(EXIT_LENGTH) X(EXIT_GPA) X(EXIT_GVA)                \
	X(EXIT_INTERRUPTION) X(EXIT_ERROR_CODE)
/* clang-format on */

/**
 * Names for bf_vcpu_get() and bf_vcpu_set(). CR0, CR4 and EFER are the guest's view. TSC_OFFSET is
 * what the guest's reads of the TSC get added. Segment
 * access rights are in the format of the VMX access-rights fields (SDM 25.4.1). EXIT_* are
 * read-only.
 */
enum bf_field {
#define X(name) BF_##name,
	BF_FIELDS(X)
#undef X
	BF_FIELD_COUNT
};

/** Segment registers, in the order of their fields. */
enum bf_seg {
	BF_SEG_ES,
	BF_SEG_CS,
	BF_SEG_SS,
	BF_SEG_DS,
	BF_SEG_FS,
	BF_SEG_GS,
	BF_SEG_COUNT
};

/** @return the registers of @p vcpu, valid until the hook returns. */
struct bf_regs *bf_vcpu_regs(struct bf_vcpu *vcpu);

/** @return the value of @p field; 0 for one that the CPU does not have. */
uint64_t bf_vcpu_get(struct bf_vcpu *vcpu, enum bf_field field);

/** Sets @p field. @return 0, or BF_EINVAL for a field that is read-only. */
int bf_vcpu_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value);

/**
 * Single-steps the guest: from now on @p vcpu exits with BF_EXIT_SINGLE_STEP behind each
 * instruction. A hook on that reason goes on stepping with BF_DONE; with BF_PASS stepping ends.
 *
 * CPUs with a monitor trap flag (SDM 26.5.2) step through everything, interrupt handlers included.
 * Others step by RFLAGS.TF, hidden in BF_RFLAGS but seen by PUSHF: handlers of interrupts and
 * system calls, which clear TF, run without steps, and stepping goes on behind them.
 *
 * Context: a hook, for its own vCPU.
 * @return 0
 */
int bf_vcpu_step(struct bf_vcpu *vcpu, bool on);

/** @return the index of the vCPU in its VM; for the control VM also that of the pCPU. */
uint32_t bf_vcpu_index(const struct bf_vcpu *vcpu);

/** @return the number of vCPUs of the vCPU's VM. */
uint32_t bf_vcpu_count(const struct bf_vcpu *vcpu);

/** @return the VM that @p vcpu belongs to. */
struct bf_vm *bf_vcpu_vm(const struct bf_vcpu *vcpu);

/** @return the number of @p vm, 0 for the control VM. */
uint32_t bf_vm_id(const struct bf_vm *vm);

/** @return the VM of that number, NULL if there is none: in an extension's init there is none yet. */
struct bf_vm *bf_vm_find(uint32_t id);

/**
 * @return vCPU @p index of @p vm, NULL if it has not run yet. That of another CPU runs meanwhile:
 * only bf_vcpu_data(), bf_vcpu_index(), bf_vcpu_count() and bf_vcpu_vm() may be asked of it.
 */
struct bf_vcpu *bf_vm_vcpu(const struct bf_vm *vm, uint32_t index);

enum bf_event_type {
	BF_EVENT_INTERRUPT = 0,     /**< external interrupt */
	BF_EVENT_NMI = 2,           /**< */
	BF_EVENT_EXCEPTION = 3,     /**< hardware exception */
	BF_EVENT_SOFT_INT = 4,      /**< INT n */
	BF_EVENT_PRIV_SOFT = 5,     /**< INT1 */
	BF_EVENT_SOFT_EXCEPTION = 6 /**< INT3, INTO */
};

/** An event to deliver at the next entry. */
struct bf_event {
	uint8_t type;        /**< enum bf_event_type */
	uint8_t vector;      /**< */
	uint8_t has_error;   /**< deliver error_code */
	uint8_t length;      /**< instruction length, for the software types */
	uint32_t error_code; /**< */
};

#define BF_VECTOR_DE  0
#define BF_VECTOR_DB  1
#define BF_VECTOR_NMI 2
#define BF_VECTOR_BP  3
#define BF_VECTOR_UD  6
#define BF_VECTOR_DF  8
#define BF_VECTOR_SS  12
#define BF_VECTOR_GP  13
#define BF_VECTOR_PF  14
#define BF_VECTOR_MC  18

/**
 * Describes the event that BF_INJECT delivers. A second call in one exit replaces the first.
 * \#PF also wants CR2 set by the caller.
 */
void bf_vcpu_inject(struct bf_vcpu *vcpu, struct bf_event event);

/** Shorthand for a hardware exception; the error code goes with the vectors that push one. */
void bf_vcpu_inject_exception(struct bf_vcpu *vcpu, uint8_t vector, uint32_t error_code);

#endif
