/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <bfabi/boot.h>
#include "image.h"

void image_poke(uint8_t *image, uint32_t at, uint32_t bytes, uint64_t value)
{
	memcpy(image + at, &value, bytes);
}

static void phdr(uint8_t *image, enum image_phdr number, uint32_t type, uint32_t flags,
		 uint64_t offset, uint64_t va, uint64_t file, uint64_t memory)
{
	image_poke(image, IMAGE_PHDR(number, P_TYPE), 4, type);
	image_poke(image, IMAGE_PHDR(number, P_FLAGS), 4, flags);
	image_poke(image, IMAGE_PHDR(number, P_OFFSET), 8, offset);
	image_poke(image, IMAGE_PHDR(number, P_VADDR), 8, va);
	image_poke(image, IMAGE_PHDR(number, P_FILESZ), 8, file);
	image_poke(image, IMAGE_PHDR(number, P_MEMSZ), 8, memory);
}

static void note(uint8_t *image)
{
	image_poke(image, IMAGE_NOTE_AT, 4, sizeof("Bareframe"));
	image_poke(image, IMAGE_NOTE_AT + 4, 4, 4);
	image_poke(image, IMAGE_NOTE_AT + 8, 4, 1);
	memcpy(image + IMAGE_NOTE_AT + 12, "Bareframe\0\0", 12);
	image_poke(image, IMAGE_NOTE_AT + 24, 4, BF_BOOT_VERSION);
}

void image_make(uint8_t bytes[IMAGE_BYTES])
{
	static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	memset(bytes, 0xcc, IMAGE_BYTES);
	memset(bytes, 0, 64 + IMAGE_PHDRS * 56);
	memcpy(bytes, ident, sizeof(ident));
	image_poke(bytes, 16, 2, 2);
	image_poke(bytes, 18, 2, 62);
	image_poke(bytes, 20, 4, 1);
	image_poke(bytes, E_ENTRY, 8, IMAGE_ENTRY);
	image_poke(bytes, E_PHOFF, 8, 64);
	image_poke(bytes, 52, 2, 64);
	image_poke(bytes, 54, 2, 56);
	image_poke(bytes, E_PHNUM, 2, IMAGE_PHDRS);
	phdr(bytes, IMAGE_TEXT, 1, 5, 0x1000, BF_VA_IMAGE, 0x1000, 0x1000);
	phdr(bytes, IMAGE_DATA, 1, 6, 0x2000, BF_VA_IMAGE + 0x1000, 0x800, 0x2800);
	phdr(bytes, IMAGE_RODATA, 1, 4, 0x3000, BF_VA_IMAGE + 0x4000, 0x900, 0x900);
	phdr(bytes, IMAGE_NOTE, 4, 4, IMAGE_NOTE_AT, BF_VA_IMAGE + 0x4800, 28, 28);
	phdr(bytes, IMAGE_STACK, 0x6474e551, 6, 0, 0, 0, 0);
	note(bytes);
}
