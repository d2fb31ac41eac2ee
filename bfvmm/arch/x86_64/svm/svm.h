/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The AMD-V backend's own contracts (APM volume 2, chapter 15).
 */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include <stdbool.h>
#include <bfvmm/guest.h>
#include <bfvmm/report.h>
#include <bfvmm/vcpu.h>
#include <common/insn_length.h>
#include <svm/vmcb.h>

/** What the CPU offers beyond the base; learnt by bf_svm_setup(). */
struct bf_svm_caps {
	bool npt;
	bool nrip;          /**< next RIP at instruction intercepts */
	bool decode_assist; /**< operands of MOV CR, INVLPG, … */
	bool lbrv;          /**< DEBUGCTL and the branch records are the guest's own */
	bool page_1g;
	uint8_t flush;   /**< TLB_CONTROL value that flushes one guest */
	uint8_t pa_bits; /**< physical-address width */
	uint32_t clean;  /**< clean bits that the CPU honours, 0 for none */
	uint32_t asids;
	bool spec_ctrl;    /**< SPEC_CTRL is the guest's own */
	bool shadow_stack; /**< the VMCB holds supervisor shadow-stack state */
	uint64_t live_cr4; /**< bits that the machine ran with, whatever CPUID says of them */
	uint64_t live_efer;
};

extern struct bf_svm_caps bf_svm_caps;

/** Eight bytes of code, at any address. */
typedef uint64_t bf_svm_code __attribute__((aligned(1)));

/** Length and whereabouts of the instruction that last exited, see advance.c. */
struct bf_svm_fetch {
	uint64_t rip, cr3, cr4, cs, efer; /**< what the rest was found with */
	struct bf_walk_step step[BF_WALK_STEPS];
	const volatile bf_svm_code *code;
	uint64_t mask, bytes; /**< *code & mask, as it was decoded */
	uint64_t length;
};

#define BF_SVM_PAGES 3

/** A vCPU's own memory: two pages for the CPU, one for us. vcpu->arch points to it. */
struct bf_svm_vcpu {
	union bf_vmcb vmcb;
	union bf_vmcb host; /**< VMLOAD state of the VMM: only that part is used */

	/* entry.S knows where these are. */
	uint64_t vmcb_pa, host_pa;
	struct bf_vcpu *vcpu;
	void (*handler)(struct bf_vcpu *vcpu); /**< bf_svm_exit_*() */
	uint64_t launch_stack;                 /**< RSP of the first entry, for its failure */

	struct bf_exit exit;
	struct bf_svm_fetch fetch;
	uint64_t dirty_seq;   /**< exit_seq when the VMCB was last changed */
	uint64_t soft_seq;    /**< exit_seq when a software event was last injected */
	uint64_t soft_rip;    /**< RIP of its instruction */
	uint64_t host_pat;    /**< PAT of the VMM; also what tells whether G_PAT works */
	uint64_t invalid_seq; /**< exit_seq at the last VMEXIT_INVALID */
	uint64_t invalid_rip; /**< its RIP */
	uint64_t held[4];     /**< bit per vector: interrupts that wait for the window */
	bool window;          /**< an interrupt window is open */
	bool blocked_nmi;     /**< for an NMI */
	bool stepping;        /**< see step.c */
	bool guest_tf;        /**< RFLAGS.TF as the guest has it, while stepping */
	bool step_due;        /**< the VMM has carried out an instruction that is a step */
	bool nmi_masked;      /**< the guest is in the handler of an NMI that was injected */
	bool held_nmi;        /**< and another NMI waits for its end */
	uint32_t rearm;       /**< INTERCEPT_MISC1 bits to set when it comes */
};

#define BF_SVM_MSRPM_BYTES 0x2000u
#define BF_SVM_IOPM_BYTES  0x3000u

/** vm->arch: what the vCPUs of a VM share. */
struct bf_svm_vm {
	uint8_t msrpm[BF_SVM_MSRPM_BYTES];
	uint8_t iopm[BF_SVM_IOPM_BYTES];
	uint8_t fresh[BF_SVM_IOPM_BYTES]; /**< a map in the making */
};

static inline struct bf_svm_vcpu *bf_svm(const struct bf_vcpu *vcpu)
{
	return vcpu->arch;
}

/* caps.c, on.c */
bool bf_svm_present(void);
int bf_svm_setup(struct bf_report *report);
int bf_svm_cpu_on(struct bf_pcpu *pcpu, struct bf_report *report);
void bf_svm_cpu_off(struct bf_pcpu *pcpu);

/** @return where the control VM's own VM_HSAVE_PA is kept while the VMM's is live. */
uint64_t *bf_svm_guest_hsave(const struct bf_pcpu *pcpu);

/* memory.c */
int bf_svm_vm_create(struct bf_vm *vm, struct bf_report *report);
void bf_svm_vm_destroy(struct bf_vm *vm);
int bf_svm_vcpu_create(struct bf_vcpu *vcpu, struct bf_report *report);
void bf_svm_vcpu_destroy(struct bf_vcpu *vcpu);

/* load.c, save.c */
int bf_svm_vcpu_load(struct bf_vcpu *vcpu, const struct bf_state *state, struct bf_report *report);
void bf_svm_vcpu_save(struct bf_vcpu *vcpu, struct bf_state *state);

/* segment.c: access rights of the VMX format (SDM 25.4.1) and attributes of the VMCB */
uint16_t bf_svm_attrib(uint32_t access);
uint32_t bf_svm_access(uint16_t attrib);

/* field.c */
uint64_t bf_svm_get(struct bf_vcpu *vcpu, enum bf_field field);
int bf_svm_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value);
void bf_svm_set_cr2(struct bf_vcpu *vcpu, uint64_t value);

/** Tells the CPU at the next entry that fields of the clean groups @p groups have changed. */
void bf_svm_dirty(struct bf_vcpu *vcpu, uint32_t groups);

/** Writes a VMCB field of a vCPU in use. */
void bf_svm_write(struct bf_vcpu *vcpu, enum svm_field field, uint64_t value);

/** Drops all that the CPU has cached of the guest's translations, at the next entry. */
void bf_svm_flush(struct bf_vcpu *vcpu);

/** After an entry: what bf_svm_dirty() and bf_svm_flush() asked for is done. */
void bf_svm_settle(struct bf_vcpu *vcpu);

/* pat.c */
uint64_t bf_svm_pat(const struct bf_svm_vcpu *svm);
int bf_svm_set_pat(struct bf_vcpu *vcpu, uint64_t value);

/* decode.c */
/** Decodes the instruction at RIP. @return as bf_insn_decode() */
int bf_svm_decode(const struct bf_vcpu *vcpu, struct bf_insn *insn);
/** What the guest's addresses mean, without what only access rights need. */
void bf_svm_space(const struct bf_vcpu *vcpu, struct bf_space *space);
/** Reads what the guest has read itself, whatever its access rights are now. @return bytes read */
uint32_t bf_svm_read(const struct bf_vcpu *vcpu, uint64_t va, uint8_t *to, uint32_t bytes);
/** @return the linear address of the instruction at RIP. */
uint64_t bf_svm_code_address(const union bf_vmcb *vmcb);

enum bf_insn_mode bf_svm_mode(const union bf_vmcb *vmcb);

/* advance.c; the quick way is in advance.h */
void bf_svm_advance(struct bf_vcpu *vcpu);

/** As bf_svm_advance(), to where the guest goes on. */
void bf_svm_continue_at(struct bf_vcpu *vcpu, uint64_t rip);

/** RIP behind the instruction at RIP. @return false if that cannot be fetched or never exits */
bool bf_svm_next_rip(struct bf_vcpu *vcpu, uint64_t *next);

/** @p bytes behind RIP, cut to the width of the guest's mode. */
uint64_t bf_svm_rip_plus(const union bf_vmcb *vmcb, uint64_t bytes);

/* inject.c */
void bf_svm_inject(struct bf_vcpu *vcpu);
void bf_svm_inject_nmi(struct bf_vcpu *vcpu);

/** Injects the highest interrupt held; opens a window for what has to wait on. */
void bf_svm_deliver_held(struct bf_vcpu *vcpu);

/** Keeps an interrupt until the guest can take it. */
void bf_svm_hold(struct bf_vcpu *vcpu, uint8_t vector);

/** Programs an exception for the next entry, whatever else was to be. */
void bf_svm_raise(struct bf_vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error);

/* requeue.c */
/** The type of the event in EXITINTINFO or EVENTINJ @p info. */
enum bf_event_type bf_svm_event_type(uint64_t info);

/**
 * Makes room for @p event, an exception or software event, where the exit interrupted the delivery
 * of another: that one is kept, or the two are combined. @return whether to inject @p event still
 */
bool bf_svm_displace(struct bf_vcpu *vcpu, struct bf_event *event);

/** Injects what the exit interrupted the delivery of, unless something else is injected. */
void bf_svm_reinject(struct bf_vcpu *vcpu);

/* nmi.c */
bool bf_svm_can_kick(void);
void bf_svm_take_nmis(void);

/** Takes the NMI of an exit. @return true: a kick, and counted; false: the guest's to have */
bool bf_svm_nmi_is_kick(struct bf_vcpu *vcpu);

/** An NMI is programmed for the next entry. */
void bf_svm_nmi_injected(struct bf_vcpu *vcpu);

/** INTERCEPT_MISC1 bits that NMIs need, whatever hooks want. */
uint32_t bf_svm_nmi_intercepts(const struct bf_vcpu *vcpu);

extern const struct bf_slot bf_svm_iret_slot;

/* window.c */
/** Has the guest exit as soon as it can take an interrupt. */
void bf_svm_open_window(struct bf_vcpu *vcpu);
const struct bf_slot *bf_svm_slot(enum bf_exit_reason reason);

/* reflect.c */
enum bf_verdict bf_svm_reflect(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/* intercept.c */
int bf_svm_intercept(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys);
uint64_t bf_svm_can_intercept(enum bf_exit_reason reason);
void bf_svm_intercept_base(struct bf_vcpu *vcpu);

/* msr.c, efer.c */
int bf_svm_read_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value);
int bf_svm_write_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value);
int bf_svm_write_efer(struct bf_vcpu *vcpu, uint64_t value);

/* smsw.c */
/** Carries out an SMSW whose exit this is. @return false if it is none */
bool bf_svm_smsw(struct bf_vcpu *vcpu);

/* step.c */
void bf_svm_step_on(struct bf_vcpu *vcpu, bool on);
/** Whether the debug exception of this exit is a step that the VMM asked for. */
bool bf_svm_stepped(const struct bf_vcpu *vcpu);
/** Dispatches the step that svm->step_due stands for. */
void bf_svm_step_exit(struct bf_vcpu *vcpu);
enum bf_verdict bf_svm_step_ends(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/* permission_map.c */
void bf_svm_maps_init(struct bf_svm_vm *vm);
void bf_svm_intercept_ranges(struct bf_vm *vm, enum bf_exit_reason reason, bf_range_next_fn next,
			     void *ctx);

/* cr.c, io_decode.c, npt.c, dump.c, check.c */
void bf_svm_decode_cr(struct bf_vcpu *vcpu, struct bf_cr_access *access);
void bf_svm_decode_dr(struct bf_vcpu *vcpu, struct bf_dr *access);
int bf_svm_decode_io(struct bf_vcpu *vcpu, struct bf_io_access *access);
const struct bf_s2_format *bf_svm_s2_format(void);
void bf_svm_s2_root(struct bf_vcpu *vcpu, uint64_t root);
void bf_svm_decode_s2(struct bf_vcpu *vcpu, struct bf_s2_access *access);
void bf_svm_dump(struct bf_vcpu *vcpu, bf_dump_fn emit);
int bf_svm_entry_check(struct bf_vcpu *vcpu, struct bf_report *report);

/** Walks the rules over a VMCB. @return 0 or BF_EENTRY */
int bf_svm_check(const union bf_vmcb *vmcb, struct bf_report *report);

/* launch.c, exit.c, invalid.c, entry.S */
int bf_svm_launch(struct bf_vcpu *vcpu, struct bf_report *report);

/** What an exit is handled by, on CPUs with next-RIP and on any. */
void bf_svm_exit_nrip(struct bf_vcpu *vcpu);
void bf_svm_exit_decode(struct bf_vcpu *vcpu);
void bf_svm_invalid(struct bf_vcpu *vcpu);

/** Everything that vcpu->pending may ask for. */
void bf_svm_pending(struct bf_vcpu *vcpu);

/** First entry. Returns only if VMRUN fails with VMEXIT_INVALID. */
void bf_svm_enter(struct bf_vcpu *vcpu);

#endif
