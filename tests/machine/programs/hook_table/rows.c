/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "cause.h"

#include <stddef.h>
#include <string.h>

#define POST        "_post"
#define POST_LENGTH (sizeof(POST) - 1)

#define BY(fn)   .cause = cause_##fn
#define DO(insn) .ring0 = insn

#define ALONE      "nothing in 64-bit Linux causes it"
#define NO_SVM     "SVM has no such exit"
#define BY_LOADER  "the driver takes a CPU out of the VMM before it goes off and comes back"
#define WINDOW     "only the VMM asks for a window, when it has an event to deliver"
#define QEMU_NONE  "QEMU does not make it exit"
#define QEMU_RDTSC "QEMU makes it exit with RDTSC, and only where RDTSC does"
#define FATAL      "it ends the VM"
#define UNASKED    "the VMM never asks for it, and has no default for it"

static const struct row rows[] = {
	{"cpuid", BY(cpuid), .own = "CPUID"},
	{"msr_read", DO("rdmsr"), .own = "RDMSR"},
	{"msr_write", DO("wrmsr"), .own = "WRMSR"},
	{"io", DO("out"), .own = "IO"},
	{"cr_read", DO("cr3_read"), .own = "CR_READ", .vmx_none = "no exits for CR0, CR2 and CR4"},
	{"cr_write", DO("cr3_write"), .own = "CR_WRITE", .vmx_none = "no exits for CR2"},
	{"dr", DO("dr"), .own = "DR_ACCESS"},
	{"xsetbv", DO("xsetbv"), .own = "XSETBV", .qemu_deaf = QEMU_NONE},
	{"exception", BY(exception), .own = "EXCEPTION",
	 .post_none = "nothing runs behind the delivery"},
	{"hypercall", BY(hypercall), .own = "HYPERCALL"},
	{"rdtsc", BY(rdtsc), .own = "RDTSC,RDTSCP"},
	{"rdtscp", BY(rdtscp), .own = "RDTSC,RDTSCP", .qemu_deaf = QEMU_RDTSC},
	{"rdpmc", DO("rdpmc"), .own = "RDPMC", .qemu_post_deaf = "QEMU has no counters: #GP(0)"},
	{"invlpg", DO("invlpg"), .own = "INVLPG,INVPCID"},
	{"cr0_read", DO("cr0_read"), .own = "CR_READ", .vmx_none = "no exits for reads of CR0"},
	{"cr2_read", DO("cr2_read"), .own = "CR_READ", .vmx_none = "no exits for CR2"},
	{"cr3_read", DO("cr3_read"), .own = "CR_READ"},
	{"cr4_read", DO("cr4_read"), .own = "CR_READ", .vmx_none = "no exits for reads of CR4"},
	{"cr8_read", DO("cr8_read"), .own = "CR_READ"},
	{"cr0_write", DO("cr0_write"), .own = "CR_WRITE"},
	{"cr2_write", DO("cr2_write"), .own = "CR_WRITE", .vmx_none = "no exits for CR2"},
	{"cr3_write", DO("cr3_write"), .own = "CR_WRITE"},
	{"cr4_write", DO("cr4_write"), .own = "CR_WRITE"},
	{"cr8_write", DO("cr8_write"), .own = "CR_WRITE"},
	{"every_exit", BY(cpuid), .own = ""},

	{"EXCEPTION", BY(exception), .own = "EXCEPTION"},
	{"EXTERNAL_INTERRUPT", BY(linux), .own = "EXTERNAL_INTERRUPT,INTERRUPT_WINDOW"},
	{"NMI", DO("nmi"), .own = "NMI,IRET"},
	{"SMI", .vmx_none = "VMX has no such control", .mock_only = "Linux sends no SMI"},
	{"MACHINE_CHECK", .mock_only = ALONE},
	{"TRIPLE_FAULT", .mock_only = FATAL},
	{"INIT", .mock_only = BY_LOADER},
	{"SIPI", .svm_none = NO_SVM, .mock_only = BY_LOADER},
	{"INTERRUPT_WINDOW", .svm_none = "the VMM's own virtual interrupt", .mock_only = WINDOW},
	{"NMI_WINDOW", .svm_none = NO_SVM, .mock_only = WINDOW},
	{"TASK_SWITCH", .mock_only = ALONE},
	{"CPUID", BY(cpuid), .own = "CPUID"},
	{"HYPERCALL", BY(hypercall), .own = "HYPERCALL"},
	{"VIRT_INSTRUCTION", DO("virt"), .own = "VIRT_INSTRUCTION"},
	{"GETSEC", .svm_none = NO_SVM, .mock_only = "#UD while CR4.SMXE is clear"},
	{"HLT", DO("hlt"), .own = "HLT"},
	{"INVD", DO("invd"), .own = "INVD", .qemu_deaf = QEMU_NONE},
	{"WBINVD", DO("wbinvd"), .own = "WBINVD"},
	{"INVLPG", DO("invlpg"), .own = "INVLPG,INVPCID"},
	{"INVPCID", DO("invpcid"), .own = "INVLPG,INVPCID"},
	{"RDPMC", DO("rdpmc"), .own = "RDPMC"},
	{"RDTSC", BY(rdtsc), .own = "RDTSC,RDTSCP"},
	{"RDTSCP", BY(rdtscp), .own = "RDTSC,RDTSCP", .qemu_deaf = QEMU_RDTSC},
	{"RSM", .vmx_none = UNASKED, .mock_only = ALONE},
	{"CR_READ", DO("cr3_read"), .own = "CR_READ"},
	{"CR_WRITE", DO("cr3_write"), .own = "CR_WRITE"},
	{"DR_ACCESS", DO("dr"), .own = "DR_ACCESS"},
	{"IO", DO("out"), .own = "IO"},
	{"RDMSR", DO("rdmsr"), .own = "RDMSR"},
	{"WRMSR", DO("wrmsr"), .own = "WRMSR"},
	{"MONITOR", DO("monitor"), .own = "MONITOR"},
	{"MWAIT", DO("mwait"), .own = "MWAIT"},
	{"PAUSE", DO("pause"), .own = "PAUSE"},
	{"UMWAIT", .svm_none = NO_SVM, .mock_only = "no emulated CPU has UMWAIT"},
	{"XSETBV", DO("xsetbv"), .own = "XSETBV", .qemu_deaf = QEMU_NONE},
	{"XSAVES", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"RDRAND", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"RDSEED", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"GDTR_IDTR", .vmx_none = UNASKED, .svm_none = UNASKED},
	{"LDTR_TR", .vmx_none = UNASKED, .svm_none = UNASKED},
	{"S2_FAULT", .mock_only = "all that Linux uses is mapped"},
	{"S2_MISCONFIG", .svm_none = NO_SVM, .mock_only = "no table of the VMM's is wrong"},
	{"APIC_ACCESS", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"TPR_THRESHOLD", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"SINGLE_STEP", BY(linux), .own = "SINGLE_STEP,EXCEPTION"},
	{"PREEMPTION_TICK", BY(linux), .own = "PREEMPTION_TICK", .svm_none = NO_SVM},
	{"PML_FULL", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"VMFUNC", .vmx_none = UNASKED, .svm_none = NO_SVM},
	{"SOFT_INTERRUPT", .vmx_none = "VMX has no such control", .svm_none = UNASKED},
	{"IRET", .vmx_none = "VMX has no such control", .svm_none = UNASKED},
	{"PUSHF_POPF", .vmx_none = "VMX has no such control", .svm_none = UNASKED},
	{"ENTRY_FAILURE", .svm_none = NO_SVM, .mock_only = FATAL},
	{"VENDOR", .svm_none = UNASKED, .mock_only = ALONE},
};

bool row_is_post(const char *name)
{
	size_t length = strlen(name);

	return length > POST_LENGTH && !strcmp(name + length - POST_LENGTH, POST);
}

const struct row *row_find(const char *name)
{
	size_t length = strlen(name) - (row_is_post(name) ? POST_LENGTH : 0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length))
			return &rows[i];
	return NULL;
}
