/* SPDX-License-Identifier: MIT */
/* Holds the offsets that assembly uses against the struct. No code. */
#include "bf_os.h"
#include <bfabi/error.h>
#include <bfabi/hypercall.h>
#include <bfabi/switch.h>

#define CHECK(constant, member)                                                                    \
	_Static_assert((constant) == offsetof(struct bf_switch, member), #member)

CHECK(BF_SW_VMM_CR3, vmm_cr3);
CHECK(BF_SW_VMM_ENTRY, vmm_entry);
CHECK(BF_SW_VMM_STACK, vmm_stack);
CHECK(BF_SW_BOOT_VA, boot_va);
CHECK(BF_SW_CPU, cpu);
CHECK(BF_SW_BACK, back);
CHECK(BF_SW_NMI_PENDING, nmi_pending);
CHECK(BF_SW_AMD, amd);
CHECK(BF_SW_RUNNING, running);
CHECK(BF_SW_FAULT, fault);
CHECK(BF_SW_WORLD, world);
CHECK(BF_SW_RIP, world.rip);
CHECK(BF_SW_RSP, world.rsp);
CHECK(BF_SW_RFLAGS, world.rflags);
CHECK(BF_SW_CR0, world.cr0);
CHECK(BF_SW_CR3, world.cr3);
CHECK(BF_SW_CR4, world.cr4);
CHECK(BF_SW_EFER, world.efer);
CHECK(BF_SW_FS_BASE, world.fs_base);
CHECK(BF_SW_GS_BASE, world.gs_base);
CHECK(BF_SW_ES, world.es);
CHECK(BF_SW_CS, world.cs);
CHECK(BF_SW_SS, world.ss);
CHECK(BF_SW_DS, world.ds);
CHECK(BF_SW_FS, world.fs);
CHECK(BF_SW_GS, world.gs);
CHECK(BF_SW_LDTR, world.ldtr);
CHECK(BF_SW_TR, world.tr);
CHECK(BF_SW_GDTR, world.gdtr.limit);
CHECK(BF_SW_IDTR, world.idtr.limit);
CHECK(BF_SW_TMP_GDTR, tmp_gdtr.limit);
CHECK(BF_SW_TMP_IDTR, tmp_idtr.limit);
CHECK(BF_SW_STACK_TOP, tmp_gdt);

/* The gates find the record by the page that holds the IDT. */
_Static_assert(offsetof(struct bf_switch, tmp_idt) < BF_PAGE_SIZE, "IDT in the first page");
_Static_assert(offsetof(struct bf_switch, stack) == BF_PAGE_SIZE, "fields fit a page");
_Static_assert(sizeof(struct bf_switch) == 3 * BF_PAGE_SIZE, "three pages");
_Static_assert(BF_SW_HC_STOP == BF_HC_STOP, "hypercall number");
_Static_assert(BF_SW_EPANIC == BF_EPANIC, "error code");
