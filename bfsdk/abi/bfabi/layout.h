/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The VMM's virtual address space. Built by bfdrivers/common, lived in by the VMM.
 *
 * Everything but the direct map and the switch pages lies in 512 MiB at the start of the top
 * 2 GiB. The switch pages keep the address that they have in the loader's world.
 */
#ifndef BFABI_LAYOUT_H
#define BFABI_LAYOUT_H

#define BF_VA_IMAGE       0xffffffff80000000UL /**< the linked VMM image, up to 64 MiB */
#define BF_VA_IMAGE_END   0xffffffff84000000UL
#define BF_VA_BOOT        0xffffffff90000000UL /**< struct bf_boot, read-write */
#define BF_VA_LOG         0xffffffff92000000UL /**< log rings, one of BF_LOG_RING_BYTES a CPU */
#define BF_VA_STACKS      0xffffffff94000000UL /**< stack windows, one a CPU */
#define BF_VA_APIC        0xffffffff9f000000UL /**< the local APIC's page, uncached, or nothing */
#define BF_VA_END         0xffffffffa0000000UL /**< first address behind the VMM's regions */
#define BF_VA_DIRECT_MAP  0xffff800000000000UL /**< all RAM of the memory map, RW, NX, WB */
#define BF_DIRECT_MAP_MAX 0x0000400000000000UL /**< bytes of RAM that it can hold (64 TiB) */

#define BF_MAX_CPUS 256

/*
 * A CPU's stack window. Pages that no macro names are unmapped guards. The info page holds one
 * pointer to the CPU's data, found from any stack pointer inside the window.
 */
#define BF_STACK_WINDOW   0x10000UL
#define BF_STACK_MAIN     0x1000UL /**< 4 pages; top at BF_STACK_MAIN_TOP */
#define BF_STACK_MAIN_TOP 0x5000UL
#define BF_STACK_NMI      0x6000UL /**< 1 page each for the IST stacks */
#define BF_STACK_NMI_TOP  0x7000UL
#define BF_STACK_DF       0x8000UL
#define BF_STACK_DF_TOP   0x9000UL
#define BF_STACK_MC       0xa000UL
#define BF_STACK_MC_TOP   0xb000UL
#define BF_STACK_INFO     0xf000UL
#define BF_STACK_PAGES    8 /**< mapped pages of one window */

#endif
