/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The world switch: the record through which one CPU moves between the loader's world and the
 * VMM's. Each record, and the page of code in bfdrivers/common/switch.S, is mapped at the same
 * address in both worlds.
 *
 * NMIs are survivable at every instruction: while neither world is whole, a small IDT, GDT and
 * stack inside the record are live, and the handler only sets @c nmi_pending. Whoever arrives in
 * a whole world passes the NMI on.
 */
#ifndef BFABI_SWITCH_H
#define BFABI_SWITCH_H

#include <bfabi/types.h>

#define BF_SWITCH_GDT_BYTES 4096
#define BF_SWITCH_IDT_GATES 19 /* up to #MC */

/** The operand of LGDT and LIDT, aligned so that @c base is naturally aligned. */
struct bf_table_reg {
	uint16_t pad[3];
	uint16_t limit;
	uint64_t base;
};

/**
 * State of a CPU in the loader's world, as the switch code saves it on the way in and restores
 * it on the way back. The VMM rewrites it from the vCPU before a CPU goes back for good.
 */
struct bf_world {
	uint64_t rip;
	uint64_t rsp;
	uint64_t rflags;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	uint64_t fs_base;
	uint64_t gs_base;
	uint16_t es, cs, ss, ds, fs, gs, ldtr, tr;
	struct bf_table_reg gdtr;
	struct bf_table_reg idtr;
};

/** Page-aligned; 3 pages long. */
struct bf_switch {
	uint64_t vmm_cr3;     /**< [layout] */
	uint64_t vmm_entry;   /**< [layout] entry point of the image, see bf_vmm_entry_fn */
	uint64_t vmm_stack;   /**< [layout] top of the CPU's main VMM stack */
	uint64_t boot_va;     /**< [layout] BF_VA_BOOT */
	uint64_t cpu;	      /**< [layout] index of the CPU */
	uint64_t back;	      /**< [switch] address of bf_switch_back, for the VMM to jump to */
	uint64_t nmi_pending; /**< [switch, vmm] an NMI arrived between the worlds */
	uint64_t amd;	      /**< [loader] 1: the hypercall instruction is VMMCALL, 0: VMCALL */
	uint64_t running;     /**< [vmm] 1 while the CPU runs as a guest of the VMM */
	uint64_t reserved[7];

	struct bf_world world;

	struct bf_table_reg tmp_gdtr; /**< [layout] the GDT and the IDT below */
	struct bf_table_reg tmp_idtr;
	uint64_t tmp_idt[2 * BF_SWITCH_IDT_GATES]; /**< [layout] */

	/* The stack of the in-between: grows down towards the fields above. */
	uint8_t stack[BF_PAGE_SIZE] __attribute__((aligned(BF_PAGE_SIZE)));

	/** [layout, before each call] a copy of the host's GDT, its TSS marked available */
	uint8_t tmp_gdt[BF_SWITCH_GDT_BYTES] __attribute__((aligned(BF_PAGE_SIZE)));
};

/**
 * The VMM image's entry point, called on the CPU's VMM stack, interrupts off, in the VMM's page
 * tables but with the record's GDT and IDT. @return 0 or a BF_E* code; the world in @c sw is
 * then restored. BF_OP_START returns only on failure: on success the CPU goes on at
 * @c sw->world.rip as a guest.
 */
typedef int64_t (*bf_vmm_entry_fn)(uint64_t boot_va, struct bf_switch *sw, uint64_t op);

/* Offsets for switch.S; bfdrivers/common/switch_check.c asserts each against the struct. */
#define BF_SW_VMM_CR3	  0x00
#define BF_SW_VMM_ENTRY	  0x08
#define BF_SW_VMM_STACK	  0x10
#define BF_SW_BOOT_VA	  0x18
#define BF_SW_CPU	  0x20
#define BF_SW_BACK	  0x28
#define BF_SW_NMI_PENDING 0x30
#define BF_SW_AMD	  0x38
#define BF_SW_RUNNING	  0x40
#define BF_SW_WORLD	  0x80
#define BF_SW_RIP	  0x80
#define BF_SW_RSP	  0x88
#define BF_SW_RFLAGS	  0x90
#define BF_SW_CR0	  0x98
#define BF_SW_CR3	  0xa0
#define BF_SW_CR4	  0xa8
#define BF_SW_EFER	  0xb0
#define BF_SW_FS_BASE	  0xb8
#define BF_SW_GS_BASE	  0xc0
#define BF_SW_ES	  0xc8
#define BF_SW_CS	  0xca
#define BF_SW_SS	  0xcc
#define BF_SW_DS	  0xce
#define BF_SW_FS	  0xd0
#define BF_SW_GS	  0xd2
#define BF_SW_LDTR	  0xd4
#define BF_SW_TR	  0xd6
#define BF_SW_GDTR	  0xde /* the operand: limit, base */
#define BF_SW_IDTR	  0xee
#define BF_SW_TMP_GDTR	  0xfe
#define BF_SW_TMP_IDTR	  0x10e
#define BF_SW_STACK_TOP	  0x2000

#endif
