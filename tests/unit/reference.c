/* SPDX-License-Identifier: MIT */
/*
 * Prints docs/exits.md: exit reasons and hooks as the VMM's own tables have them. A test compares
 * it with the file; `reference >docs/exits.md` brings the file up to date.
 */
#include <stdio.h>
#include <string.h>
#include <bfmock/guest.h>
#include <bfvmm/defaults.h>
#include <svm/exitcode.h>
#include <vmx/vmx.h>

/* What the bare machine does, which is what happens when all hooks pass. */
static const char *const defaults[BF_EXIT_COUNT] = {
	[BF_EXIT_EXCEPTION] = "delivered to the guest",
	[BF_EXIT_EXTERNAL_INTERRUPT] = "delivered to the guest",
	[BF_EXIT_NMI] = "delivered to the guest",
	[BF_EXIT_SMI] = "taken by the firmware",
	[BF_EXIT_MACHINE_CHECK] = "delivered to the guest",
	[BF_EXIT_TRIPLE_FAULT] = "logged; the VM stops",
	[BF_EXIT_INIT] = "VMX: waits for a start-up IPI; SVM: the CPU leaves the VMM",
	[BF_EXIT_SIPI] = "starts in real mode",
	[BF_EXIT_INTERRUPT_WINDOW] = "what waited for it is delivered",
	[BF_EXIT_NMI_WINDOW] = "what waited for it is delivered",
	[BF_EXIT_TASK_SWITCH] = "#GP(0): there are none in 64-bit mode",
	[BF_EXIT_CPUID] = "the CPU's result, without the virtualization in use",
	[BF_EXIT_HYPERCALL] = "the VMM's own numbers from ring 0; else #UD",
	[BF_EXIT_VIRT_INSTRUCTION] = "#UD",
	[BF_EXIT_GETSEC] = "#UD",
	[BF_EXIT_HLT] = "goes on behind it: a HLT may end at any time",
	[BF_EXIT_INVD] = "WBINVD",
	[BF_EXIT_WBINVD] = "WBINVD",
	[BF_EXIT_INVLPG] = "invalidated",
	[BF_EXIT_INVPCID] = "all of the guest's translations are invalidated",
	[BF_EXIT_RDPMC] = "the counter, or #GP(0)",
	[BF_EXIT_RDTSC] = "the time-stamp counter with the guest's offset",
	[BF_EXIT_RDTSCP] = "the same, and TSC_AUX",
	[BF_EXIT_RSM] = "#UD",
	[BF_EXIT_CR_READ] = "the guest's view of the register",
	[BF_EXIT_CR_WRITE] = "written, or #GP(0)",
	[BF_EXIT_DR_ACCESS] = "done, or #UD, #GP(0), #DB",
	[BF_EXIT_IO] = "done, element by element",
	[BF_EXIT_RDMSR] = "read, or #GP(0)",
	[BF_EXIT_WRMSR] = "written, or #GP(0)",
	[BF_EXIT_MONITOR] = "nothing",
	[BF_EXIT_MWAIT] = "goes on behind it: an MWAIT may end at any time",
	[BF_EXIT_PAUSE] = "nothing",
	[BF_EXIT_UMWAIT] = "goes on behind it",
	[BF_EXIT_XSETBV] = "written, or #GP(0)",
	[BF_EXIT_S2_FAULT] = "device memory is mapped; VMM memory shows scrap; what rules deny "
			     "raises #GP(0)",
	[BF_EXIT_S2_MISCONFIG] = "logged; the VM stops",
	[BF_EXIT_SINGLE_STEP] = "stepping ends",
	[BF_EXIT_PREEMPTION_TICK] = "the timer starts again",
	[BF_EXIT_VMFUNC] = "#UD",
	[BF_EXIT_ENTRY_FAILURE] = "reported with field and rule",
	[BF_EXIT_VENDOR] = "#UD for instructions; else logged, and the VM stops",
};

/* What the table cannot know: raw reasons that are told apart by more fields. */
static const char *vmx_extra(enum bf_exit_reason reason)
{
	switch (reason) {
	case BF_EXIT_EXCEPTION:
	case BF_EXIT_NMI:
	case BF_EXIT_MACHINE_CHECK:
		return "0";
	case BF_EXIT_CR_READ:
	case BF_EXIT_CR_WRITE:
		return "28";
	default:
		return "";
	}
}

static bool vendor_hole(uint32_t reason)
{
	return reason == BF_EXIT_VENDOR;
}

static void print_vmx(enum bf_exit_reason reason)
{
	const char *gap = "", *extra = vmx_extra(reason);

	printf(" | %s", extra);
	gap = *extra ? ", " : "";
	for (uint32_t raw = 0; raw < 256 && !vendor_hole(reason); raw++)
		if (bf_vmx_exits[raw].reason == reason) {
			printf("%s%u", gap, raw);
			gap = ", ";
		}
	if (vendor_hole(reason))
		printf("others");
}

static void print_svm(enum bf_exit_reason reason)
{
	uint32_t first = 0;
	const char *gap = "";

	printf(" | ");
	if (vendor_hole(reason))
		printf("others");
	for (uint32_t code = 0; code < 256 && !vendor_hole(reason); code++) {
		if (bf_svm_reasons[code] != reason)
			continue;
		for (first = code; code < 255 && bf_svm_reasons[code + 1] == reason;)
			code++;
		if (first == code)
			printf("%s0x%x", gap, code);
		else
			printf("%s0x%x–0x%x", gap, first, code);
		gap = ", ";
	}
	if (reason == BF_EXIT_S2_FAULT)
		printf("0x400");
	else if (reason == BF_EXIT_WRMSR)
		printf("%s0x7c", gap);
	else if (reason == BF_EXIT_RDTSCP)
		printf("%s0x6e on some CPUs", gap);
}

/* Whether a hook on @reason is possible on the CPU that the mock machine has. */
static bool hookable(enum bf_exit_reason reason)
{
	return bf_hv->can_intercept(reason) && bf_has_default(reason);
}

static void typed(enum bf_exit_reason reason)
{
	static const char *const names[BF_FAMILY_COUNT] = {
#define X(name, TAG, io) [BF_FAMILY_##TAG] = "bf_hook_" #name,
		BF_TYPED_HOOKS(X)
#undef X
	};
	const char *gap = "";

	printf(" | ");
	for (uint32_t i = 0; i < BF_FAMILY_COUNT; i++)
		if (bf_families[i].reason == reason) {
			printf("%s`%s`", gap, names[i]);
			gap = ", ";
		}
	if (reason == bf_s2_family.reason)
		printf("`bf_hook_s2`, `bf_hook_mmio`");
}

static const char *const reasons[BF_EXIT_COUNT] = {
#define X(name, text) "`BF_EXIT_" #name "`",
	BF_EXIT_REASONS(X)
#undef X
};

int main(void)
{
	bool vmx[BF_EXIT_COUNT], svm[BF_EXIT_COUNT];

	mock_reset(&mock_intel, 1);
	if (mock_vmm_init(""))
		return 1;
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		vmx[i] = hookable(i);
	mock_reset(&mock_amd, 1);
	if (mock_vmm_init(""))
		return 1;
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		svm[i] = hookable(i);
	printf("<!-- SPDX-License-Identifier: MIT -->\n# Exit reasons\n\n"
	       "Made from the VMM's own tables by `tests/unit/reference.c`.\n\n"
	       "The hook columns say whether `bf_hook_exit` can be had on a recent CPU of that "
	       "vendor; what a\nCPU lacks is refused with `BF_ENOTSUP`. The last column is what "
	       "happens when all hooks pass.\n\n"
	       "| reason | VMX | SVM | hook: VMX | SVM | typed hooks | default |\n"
	       "| --- | --- | --- | --- | --- | --- | --- |\n");
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++) {
		printf("| %s", reasons[i]);
		print_vmx(i);
		print_svm(i);
		printf(" | %s | %s", vmx[i] ? "yes" : "no", svm[i] ? "yes" : "no");
		typed(i);
		if ((vmx[i] || svm[i]) && !defaults[i]) {
			fprintf(stderr, "%s has a default that no text describes\n", reasons[i]);
			return 1;
		}
		printf(" | %s |\n", defaults[i] ? defaults[i] : "never asked for");
	}
	return 0;
}
