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
 *
 * Two table registers cannot be exchanged by one instruction, so an NMI can find the IDT of one
 * side with the GDT of the other. For that it must not matter which GDT is live: the gates of
 * the record's IDT name the loader's CS selector, so do those of the VMM's, and the VMM keeps
 * the CS that it is entered with, its GDT holding the same flat 64-bit code descriptor in each of
 * the slots 1 to BF_SWITCH_CS_SLOTS - 1. SS, DS and ES are null on entry and may stay so.
 */
#ifndef BFABI_SWITCH_H
#define BFABI_SWITCH_H

#include <bfabi/switch_offsets.h>
#include <bfabi/types.h>

#define BF_SWITCH_GDT_BYTES 4096
#define BF_SWITCH_IDT_GATES 19 /* up to #MC */
#define BF_SWITCH_CS_SLOTS  16 /**< a loader's CS selector lies below 8 times this */

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

/** What a CPU does, as the VMM tells the loader. */
enum bf_running {
	BF_CPU_BARE,
	BF_CPU_GUEST, /**< runs as a guest of the VMM */
	BF_CPU_HALTED /**< the VMM has panicked on it: never to be waited for */
};

/** Page-aligned; 3 pages long. */
struct bf_switch {
	uint64_t vmm_cr3;     /**< [layout] */
	uint64_t vmm_entry;   /**< [layout] entry point of the image, see bf_vmm_entry_fn */
	uint64_t vmm_stack;   /**< [layout] top of the CPU's main VMM stack */
	uint64_t boot_va;     /**< [layout] BF_VA_BOOT */
	uint64_t cpu;         /**< [layout] index of the CPU */
	uint64_t back;        /**< [switch] address of bf_switch_back, for the VMM to jump to */
	uint64_t nmi_pending; /**< [switch, vmm] an NMI arrived between the worlds */
	uint64_t amd;         /**< [loader] 1: the hypercall instruction is VMMCALL, 0: VMCALL */
	uint64_t running;     /**< [vmm] enum bf_running */
	uint64_t fault[3];    /**< [switch] an exception hit before the VMM's own IDT was live: its
				   RSP and the two words there, error code or RIP first */
	uint64_t reserved[4];

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
 * tables but with the record's GDT and IDT. CR4.PGE, PCIDE, CET and PKS are clear, CR0.WP and
 * EFER.NXE are set; all else is the loader's, the debug registers too. An exception before the
 * VMM has loaded its own IDT returns BF_EPANIC to the loader; a \#DB is dropped.
 *
 * @return 0 or a BF_E* code; the world in @c sw is then restored. BF_OP_START returns only on
 * failure: on success the CPU goes on at @c sw->world.rip as a guest, all general registers but
 * RSP zero.
 */
typedef int64_t (*bf_vmm_entry_fn)(uint64_t boot_va, struct bf_switch *sw, uint64_t op);

#endif
