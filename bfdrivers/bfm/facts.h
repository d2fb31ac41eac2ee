/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What check knows of the machine. Gathered by cpu.c and os_*.c, judged by require_*.c; nothing
 * in here is a judgement.
 */
#ifndef BFM_FACTS_H
#define BFM_FACTS_H

#include <bfabi/layout.h>
#include <stdbool.h>
#include <stdint.h>

/** A CPUID leaf's results, zeroed if the CPU has no such leaf. */
struct bfm_leaf {
	uint32_t eax, ebx, ecx, edx;
};

/** The leaves that bfm looks at, from the CPU that it happened to run on. */
struct bfm_cpuid {
	struct bfm_leaf vendor;     /**< 0 */
	struct bfm_leaf features;   /**< 1 */
	struct bfm_leaf extended;   /**< 0x80000001 */
	struct bfm_leaf svm;        /**< 0x8000000a */
	struct bfm_leaf hypervisor; /**< 0x40000000, only if the CPU says that there is one */
};

struct bfm_cpu_facts {
	char vendor[13];
	char hypervisor[13]; /**< empty if the hypervisor gives no name */
	bool under_hypervisor;
	bool long_mode;
	bool vmx;
	bool svm;
	struct bfm_leaf svm_leaf; /**< 0x8000000a, zeroed without SVM */
};

/** A model-specific register that may have been impossible to read. */
struct bfm_msr {
	int error; /**< errno number, 0 if @c value is valid */
	uint64_t value;
};

enum bfm_answer {
	BFM_UNKNOWN,
	BFM_NO,
	BFM_YES
};

/** A kernel module, or a part of the kernel of that name. */
struct bfm_module {
	bool present;
	int64_t users; /**< its reference count, -1 if there is none to be seen */
};

enum bfm_rival {
	BFM_KVM_INTEL,
	BFM_KVM_AMD,
	BFM_VIRTUALBOX,
	BFM_VMWARE,
	BFM_XEN,
	BFM_RIVALS
};

enum bfm_lockdown {
	BFM_LOCKDOWN_UNKNOWN,
	BFM_LOCKDOWN_NONE,
	BFM_LOCKDOWN_INTEGRITY,
	BFM_LOCKDOWN_CONFIDENTIALITY
};

struct bfm_kernel_facts {
	char release[65];
	char machine[65];          /**< "x86_64" */
	unsigned int major, minor; /**< 0.0 if the release is not a number */
	enum bfm_answer
		sees_vmx; /**< the kernel lists the flag: it clears it if firmware forbids */
	enum bfm_answer sees_svm;
	enum bfm_lockdown lockdown;
	enum bfm_answer signed_only; /**< only signed modules are loaded */
	enum bfm_answer secure_boot;
	enum bfm_answer kvm_at_load; /**< KVM switches virtualization on as soon as it is loaded */
};

struct bfm_driver_facts {
	bool loaded;
	enum bfm_answer installed; /**< where the system's loading tool finds it */
	enum bfm_answer signature; /**< the installed file carries one */
	bool device_there;
	int open_error;    /**< errno number of opening the device, 0 if it opened */
	int request_error; /**< errno number of asking for its version */
	uint32_t abi;      /**< version of its interface */
	uint32_t state;    /**< enum bf_loader_state, once the version is right */
};

struct bfm_facts {
	struct bfm_cpu_facts cpu;

	uint32_t cpus; /**< online */
	uint32_t cpus_possible;
	uint32_t cpu_number[BF_MAX_CPUS];     /**< of the online CPUs, as the system counts them */
	struct bfm_msr firmware[BF_MAX_CPUS]; /**< IA32_FEATURE_CONTROL or VM_CR, by online CPU */
	struct bfm_msr efer[BF_MAX_CPUS];     /**< with SVM only, by online CPU */
	struct bfm_msr vmx_primary;           /**< IA32_VMX_PROCBASED_CTLS */
	struct bfm_msr vmx_secondary;         /**< IA32_VMX_PROCBASED_CTLS2 */

	struct bfm_kernel_facts kernel;
	struct bfm_module rival[BFM_RIVALS];
	struct bfm_driver_facts driver;

	bool root;
	enum bfm_answer capable; /**< has the capabilities that root has on a bare machine */
	uint64_t memory_free;    /**< bytes that can be had, 0 if unknown */
};

/** Sorts out raw CPUID results. */
void bfm_cpu_decode(const struct bfm_cpuid *raw, struct bfm_cpu_facts *cpu);
/** Asks the CPU. */
void bfm_cpu_read(struct bfm_cpuid *raw);

#endif
