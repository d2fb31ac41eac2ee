/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A small VMM image that is in order, for tests to break.
 */
#ifndef BF_TEST_IMAGE_H
#define BF_TEST_IMAGE_H

#include <stdint.h>
#include <bfabi/layout.h>

#define IMAGE_BYTES 0x4000u
#define IMAGE_ENTRY (BF_VA_IMAGE + 0x10)

/* Program headers of the image, by number. */
enum image_phdr {
	IMAGE_TEXT,
	IMAGE_DATA,
	IMAGE_RODATA,
	IMAGE_NOTE,
	IMAGE_STACK,
	IMAGE_PHDRS
};

#define IMAGE_PHDR(number, field) (64 + (number)*56 + (field))

/* Offsets of the fields of a program header. */
#define P_TYPE   0
#define P_FLAGS  4
#define P_OFFSET 8
#define P_VADDR  16
#define P_FILESZ 32
#define P_MEMSZ  40

/* Of the file header. */
#define E_ENTRY 24
#define E_PHOFF 32
#define E_PHNUM 56

#define IMAGE_NOTE_AT 0x3800u

/** Writes the image; what is not said otherwise is 0xcc. */
void image_make(uint8_t bytes[IMAGE_BYTES]);

/** Overwrites @p bytes bytes at @p at, little-endian. */
void image_poke(uint8_t *image, uint32_t at, uint32_t bytes, uint64_t value);

#endif
