/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Offsets into struct bf_switch, for assembly. bfdrivers/common/switch_check.c asserts each.
 */
#ifndef BFABI_SWITCH_OFFSETS_H
#define BFABI_SWITCH_OFFSETS_H

#define BF_SW_VMM_CR3     0x00
#define BF_SW_VMM_ENTRY   0x08
#define BF_SW_VMM_STACK   0x10
#define BF_SW_BOOT_VA     0x18
#define BF_SW_CPU         0x20
#define BF_SW_BACK        0x28
#define BF_SW_NMI_PENDING 0x30
#define BF_SW_AMD         0x38
#define BF_SW_RUNNING     0x40
#define BF_SW_FAULT       0x48
#define BF_SW_WORLD       0x80
#define BF_SW_RIP         0x80
#define BF_SW_RSP         0x88
#define BF_SW_RFLAGS      0x90
#define BF_SW_CR0         0x98
#define BF_SW_CR3         0xa0
#define BF_SW_CR4         0xa8
#define BF_SW_EFER        0xb0
#define BF_SW_FS_BASE     0xb8
#define BF_SW_GS_BASE     0xc0
#define BF_SW_ES          0xc8
#define BF_SW_CS          0xca
#define BF_SW_SS          0xcc
#define BF_SW_DS          0xce
#define BF_SW_FS          0xd0
#define BF_SW_GS          0xd2
#define BF_SW_LDTR        0xd4
#define BF_SW_TR          0xd6
#define BF_SW_GDTR        0xde /* the operand: limit, base */
#define BF_SW_IDTR        0xee
#define BF_SW_TMP_GDTR    0xfe
#define BF_SW_TMP_IDTR    0x10e
#define BF_SW_STACK_TOP   0x2000

#define BF_SW_HC_STOP 0x42460001 /* BF_HC_STOP */
#define BF_SW_EPANIC  -20        /* BF_EPANIC */

#endif
