/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The instructions of VMX, SVM and their kin. With VMX and SVM off each is an undefined
 * instruction, in ring 0 too; a hypervisor must not show that it is there. Numbers of hypercalls
 * are none that any hypervisor of this project knows.
 */
#include <linux/kernel.h>
#include "bf_probe.h"

#define SNIPPETS(X)                                                                                \
	X(vmcall_unlisted, 0, "mov $0x42460100, %eax; vmcall")                                     \
	X(vmcall_below, 0, "mov $0x4245ffff, %eax; vmcall")                                        \
	X(vmcall_zero, 0, "xor %eax, %eax; vmcall")                                                \
	X(vmcall_one, 0, "mov $1, %eax; vmcall")                                                   \
	X(vmcall_max, 0, "mov $-1, %rax; vmcall")                                                  \
	X(vmcall_max_low, 0, "mov $-1, %eax; vmcall")                                              \
	X(vmmcall_unlisted, 0, "mov $0x42460100, %eax; vmmcall")                                   \
	X(vmmcall_below, 0, "mov $0x4245ffff, %eax; vmmcall")                                      \
	X(vmmcall_zero, 0, "xor %eax, %eax; vmmcall")                                              \
	X(vmmcall_one, 0, "mov $1, %eax; vmmcall")                                                 \
	X(vmmcall_max, 0, "mov $-1, %rax; vmmcall")                                                \
	X(vmmcall_max_low, 0, "mov $-1, %eax; vmmcall")                                            \
	X(vmxon, 0, "vmxon (%rdi)")                                                                \
	X(vmxoff, 0, "vmxoff")                                                                     \
	X(vmlaunch, 0, "vmlaunch")                                                                 \
	X(vmresume, 0, "vmresume")                                                                 \
	X(vmptrld, 0, "vmptrld (%rdi)")                                                            \
	X(vmptrst, 0, "vmptrst (%rdi)")                                                            \
	X(vmclear, 0, "vmclear (%rdi)")                                                            \
	X(vmread_register, 0, "vmread %rcx, %rax")                                                 \
	X(vmread_memory, 0, "vmread %rcx, (%rdi)")                                                 \
	X(vmwrite_register, 0, "vmwrite %rax, %rcx")                                               \
	X(vmwrite_memory, 0, "vmwrite (%rdi), %rcx")                                               \
	X(invept, 0, "invept (%rdi), %rcx")                                                        \
	X(invvpid, 0, "invvpid (%rdi), %rcx")                                                      \
	X(vmfunc, 0, "vmfunc")                                                                     \
	X(getsec, 0, ".byte 0x0f, 0x37")                                                           \
	X(rsm, 0, "rsm")                                                                           \
	X(vmrun, 0, "vmrun")                                                                       \
	X(vmload, 0, "vmload")                                                                     \
	X(vmsave, 0, "vmsave")                                                                     \
	X(stgi, 0, "stgi")                                                                         \
	X(clgi, 0, "clgi")                                                                         \
	X(skinit, 0, "skinit")                                                                     \
	X(invlpga, 0, "invlpga")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

void probe_virt(void)
{
	PROBE_ALL(snippets);
}
