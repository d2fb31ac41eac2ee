/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Checks of the VMM image. The bytes are not trusted.
 */
#ifndef BFLOAD_ELF_H
#define BFLOAD_ELF_H

#include <bfabi/error.h>
#include <bfabi/types.h>

#define BF_IMAGE_SEGMENTS 16

/** Name and type of the ELF note that carries BF_BOOT_VERSION as a 32-bit number. */
#define BF_IMAGE_NOTE      "Bareframe"
#define BF_IMAGE_NOTE_TYPE 1

/* ELF segment flags. */
#define BF_SEGMENT_X 1
#define BF_SEGMENT_W 2
#define BF_SEGMENT_R 4

/** One loadable segment, checked. */
struct bf_image_segment {
	uint64_t va;         /**< page-aligned, in the VMM's image region */
	uint64_t mem_bytes;  /**< not 0; what is behind @c file_bytes is zeroed */
	uint64_t file_bytes; /**< not above @c mem_bytes */
	uint64_t offset;     /**< in the file */
	uint32_t flags;      /**< BF_SEGMENT_*; never W and X together */
};

/** A checked image. Points into the file's bytes, which must stay as they are. */
struct bf_image {
	const uint8_t *bytes;
	uint64_t size;
	uint64_t entry; /**< in an executable segment */
	uint32_t segment_count;
	struct bf_image_segment segment[BF_IMAGE_SEGMENTS];
};

/**
 * Checks an ELF file and describes it.
 *
 * @param bytes  the file
 * @param size   its size in bytes
 * @param image  written on success
 * @param report says on failure which field has which value and what it must be
 * @return 0, BF_EIMAGE, or BF_EVERSION if the image is made for another boot ABI
 */
int bf_elf_check(const void *bytes, uint64_t size, struct bf_image *image,
		 struct bf_report *report);

#endif
