/* SPDX-License-Identifier: MIT */
/*
 * The parts of the ELF-64 format that elf.c and elf_note.c read (System V ABI, "Object Files").
 */
#ifndef BF_ELF_FORMAT_H
#define BF_ELF_FORMAT_H

#include <bfabi/types.h>
#include <bfload/elf.h>

#define PHDR_LOAD    1
#define PHDR_DYNAMIC 2
#define PHDR_INTERP  3
#define PHDR_NOTE    4
#define PHDR_TLS     7

struct bf_elf_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};

struct bf_elf_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

/* Looks for our note in one PT_NOTE that lies in the file: 1 found, 0 not there, or BF_E*. */
int bf_elf_note_check(const uint8_t *bytes, const struct bf_elf_phdr *ph, struct bf_report *report);

#endif
