/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the files of the VT-x backend share.
 */
#ifndef BFVMM_VMX_VMX_H
#define BFVMM_VMX_VMX_H

#include <bfhw/hw.h>
#include <bfvmm/vcpu.h>
#include <vmx/controls.h>
#include <vmx/vmcs_fields.h>

/** What this kind of CPU offers, and what of it is used. */
struct bf_vmx_caps {
	uint64_t basic, misc, ept_vpid;
	uint64_t cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	uint32_t must[VMX_GROUPS]; /**< controls that cannot be 0 */
	uint32_t may[VMX_GROUPS];  /**< controls that can be 1 */
	uint32_t use[VMX_GROUPS];  /**< controls of a vCPU that nobody has hooked */
	uint32_t pa_bits, va_bits; /**< physical and linear address width */
	bool efer;                 /**< the VMCS switches EFER; else MSR lists do */
	bool pat;                  /**< the VMCS switches PAT; else guest and VMM share it */
	bool cet; /**< the VMCS switches IA32_S_CET, SSP and its table; else they are shared */
};

extern struct bf_vmx_caps bf_vmx_caps;

/** An entry of an MSR list (SDM volume 3, "VM-Exit Controls for MSRs"). */
struct bf_vmx_msr {
	uint32_t number;
	uint32_t reserved;
	uint64_t value;
} __attribute__((aligned(16)));

/** vcpu->arch. */
struct bf_vmx_vcpu {
	/* Without EFER controls: guest's, loaded at entry and stored at exit; the VMM's. */
	struct bf_vmx_msr guest_efer, host_efer;
	void *vmcs;
	uint64_t eptp;                /**< 0: runs without second-level tables */
	bool unrestricted;            /**< may run without protection and paging */
	bool irq_window;              /**< held interrupts wait for IF */
	bool nmi_late;                /**< an NMI waits until the guest can take it */
	bool stepping;                /**< see step.c */
	bool guest_tf;                /**< RFLAGS.TF as the guest has it, while stepping by TF */
	bool refused;                 /**< the CPU has refused the first entry */
	uint32_t ctl[VMX_GROUPS];     /**< as written last; not of VMX_ENTRY */
	uint64_t keys[BF_EXIT_COUNT]; /**< what intercept() has on, by neutral reason */
	uint64_t cr0_mask, cr4_mask;  /**< guest/host masks as written last */
	uint64_t held[4];             /**< bit per vector: interrupts taken from the APIC */
	uint64_t launch_seq;          /**< vcpu->exit_seq at the first entry */
	uint64_t moved_seq;           /**< of the last exit whose instruction was emulated */
};

/** vm->arch: bitmaps that all vCPUs of a VM share; set bits exit (SDM volume 3, "I/O-Bitmap
 *  Addresses" and "MSR-Bitmap Address"). */
struct bf_vmx_vm {
	uint8_t msr[BF_PAGE_SIZE];
	uint8_t io[2 * BF_PAGE_SIZE];
	uint8_t fresh[2 * BF_PAGE_SIZE]; /**< a bitmap in the making */
};

/* bitmap.c */
void bf_vmx_bitmaps_init(struct bf_vmx_vm *vm);
void bf_vmx_intercept_ranges(struct bf_vm *vm, enum bf_exit_reason reason, bf_range_next_fn next,
			     void *ctx);

/** pcpu->arch. */
struct bf_vmx_cpu {
	void *vmxon;
	uint64_t current; /**< physical address of the VMCS last loaded here, 0 if none */
};

static inline struct bf_vmx_vcpu *bf_vmx_of(struct bf_vcpu *vcpu)
{
	return vcpu->arch;
}

/* caps.c, use.c */
void bf_vmx_caps_read(struct bf_vmx_caps *caps);
void bf_vmx_caps_use(struct bf_vmx_caps *caps);
int bf_vmx_setup(struct bf_report *report);
extern struct bf_cpuid_mask bf_vmx_cpuid_masks[];

/* on.c */
bool bf_vmx_present(void);
int bf_vmx_allowed(struct bf_report *report);
int bf_vmx_cpu_on(struct bf_pcpu *pcpu, struct bf_report *report);
void bf_vmx_cpu_off(struct bf_pcpu *pcpu);

/* vm.c */
int bf_vmx_vm_create(struct bf_vm *vm, struct bf_report *report);
void bf_vmx_vm_destroy(struct bf_vm *vm);
int bf_vmx_vcpu_create(struct bf_vcpu *vcpu, struct bf_report *report);
void bf_vmx_vcpu_destroy(struct bf_vcpu *vcpu);

/* load.c, guest.c, save.c */
int bf_vmx_vcpu_load(struct bf_vcpu *vcpu, const struct bf_state *state, struct bf_report *report);
void bf_vmx_guest_write(struct bf_vcpu *vcpu, const struct bf_state *state);
void bf_vmx_vcpu_save(struct bf_vcpu *vcpu, struct bf_state *state);

/* entry.S */
void bf_vmx_enter(struct bf_vcpu *vcpu);
_Noreturn void bf_vmx_unwind(struct bf_vcpu *vcpu);
void bf_vmx_exit_stub(void);

/* exit.c, launch.c: called by entry.S */
void bf_vmx_exit(struct bf_vcpu *vcpu);
void bf_vmx_refused(struct bf_vcpu *vcpu);

/* launch.c */
int bf_vmx_launch(struct bf_vcpu *vcpu, struct bf_report *report);
enum bf_verdict bf_vmx_entry_failed(struct bf_vcpu *vcpu);

/* reasons.c */
extern const struct bf_exit bf_vmx_exits[256];

/* advance.c */
void bf_vmx_advance(struct bf_vcpu *vcpu);
void bf_vmx_continue_at(struct bf_vcpu *vcpu, uint64_t rip);

/* io_decode.c */
int bf_vmx_decode_io(struct bf_vcpu *vcpu, struct bf_io_access *access);

/* fields.c, cr.c, efer.c */
uint64_t bf_vmx_get(struct bf_vcpu *vcpu, enum bf_field field);
int bf_vmx_set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value);
uint64_t bf_vmx_cr0(struct bf_vcpu *vcpu);
uint64_t bf_vmx_cr4(struct bf_vcpu *vcpu);
int bf_vmx_set_cr0(struct bf_vcpu *vcpu, uint64_t value);
int bf_vmx_set_cr3(struct bf_vcpu *vcpu, uint64_t value);
int bf_vmx_set_cr4(struct bf_vcpu *vcpu, uint64_t value);
void bf_vmx_write_cr0(struct bf_vcpu *vcpu, uint64_t view);
void bf_vmx_write_cr4(struct bf_vcpu *vcpu, uint64_t view);
void bf_vmx_update_cr_masks(struct bf_vcpu *vcpu);
void bf_vmx_load_pdptes(struct bf_vcpu *vcpu);
bool bf_vmx_pdptes(struct bf_vcpu *vcpu, uint64_t pdpte[4]);
void bf_vmx_decode_cr(struct bf_vcpu *vcpu, struct bf_cr_access *access);
void bf_vmx_decode_dr(struct bf_vcpu *vcpu, struct bf_dr *access);

uint64_t bf_vmx_efer(struct bf_vcpu *vcpu);
void bf_vmx_write_efer(struct bf_vcpu *vcpu, uint64_t value);
int bf_vmx_set_efer(struct bf_vcpu *vcpu, uint64_t value);
bool bf_vmx_in_64bit_code(struct bf_vcpu *vcpu);

/* msr.c */
int bf_vmx_read_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value);
int bf_vmx_write_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value);

/* intercept.c, knobs.c */
int bf_vmx_intercept(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys);
uint64_t bf_vmx_can_intercept(enum bf_exit_reason reason);
void bf_vmx_update_controls(struct bf_vcpu *vcpu);

static inline bool bf_vmx_is_on(const struct bf_vmx_vcpu *v, enum bf_exit_reason reason)
{
	return v->keys[reason];
}

/* inject.c, held.c, requeue.c */
void bf_vmx_inject(struct bf_vcpu *vcpu);
void bf_vmx_inject_nmi(struct bf_vcpu *vcpu);
void bf_vmx_hold(struct bf_vcpu *vcpu, uint8_t vector);
void bf_vmx_deliver_held(struct bf_vcpu *vcpu);
bool bf_vmx_can_kick(void);
void bf_vmx_take_nmis(void);

/**
 * Makes the next entry deliver what the exit of reason @p raw interrupted the delivery of.
 * @p injects: another event is going to be injected, so that no instruction is executed again.
 */
void bf_vmx_requeue(struct bf_vcpu *vcpu, uint32_t raw, bool injects);

/* slots.c, reflect.c, signal.c */
const struct bf_slot *bf_vmx_slot(enum bf_exit_reason reason);
enum bf_verdict bf_vmx_vendor(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_vmx_reflect(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_vmx_init_signal(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
enum bf_verdict bf_vmx_sipi(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);

/* step.c */
void bf_vmx_step(struct bf_vcpu *vcpu, bool on);
/** Whether the debug exception of this exit is a step that the guest did not ask for. */
bool bf_vmx_stepped(struct bf_vcpu *vcpu);
enum bf_verdict bf_vmx_step_ends(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx);
bool bf_vmx_steps_by_tf(const struct bf_vmx_vcpu *v);
uint64_t bf_vmx_rflags(struct bf_vcpu *vcpu);
int bf_vmx_set_rflags(struct bf_vcpu *vcpu, uint64_t value);

/* ept.c, flush.c */
const struct bf_s2_format *bf_vmx_s2_format(void);
uint64_t bf_vmx_eptp(uint64_t root);
void bf_vmx_s2_flush(struct bf_vcpu *vcpu);
void bf_vmx_s2_root(struct bf_vcpu *vcpu, uint64_t root);
void bf_vmx_decode_s2(struct bf_vcpu *vcpu, struct bf_s2_access *access);
void bf_vmx_flush_vpid(struct bf_vcpu *vcpu);
void bf_vmx_invlpg(struct bf_vcpu *vcpu, uint64_t gva);
uint16_t bf_vmx_vpid(const struct bf_vcpu *vcpu);

/* check.c */
int bf_vmx_entry_check(struct bf_vcpu *vcpu, struct bf_report *report);

/* dump.c */
void bf_vmx_dump(struct bf_vcpu *vcpu, bf_dump_fn emit);

#endif
