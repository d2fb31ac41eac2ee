/* SPDX-License-Identifier: MIT */
/* The ELF note by which a loader knows an image of its own boot ABI. */
#include <bfabi/boot.h>

const struct {
	uint32_t name_bytes, payload_bytes, type;
	char name[12];
	uint32_t boot_version;
} bf_image_note __attribute__((used, section(".note.bareframe"), aligned(4))) = {
	.name_bytes = sizeof("Bareframe"),
	.payload_bytes = 4,
	.type = 1,
	.name = "Bareframe",
	.boot_version = BF_BOOT_VERSION,
};
