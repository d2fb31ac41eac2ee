/* SPDX-License-Identifier: MIT */
/*
 * Image files: any bytes, or an image in order with some of its bytes changed. What is accepted is
 * as bfload/elf.h says, and is laid out in memory.
 */
#include <bfload/layout.h>
#include <bfload/report.h>
#include "fake_os.h"
#include "fuzz.h"
#include "image.h"

#define POKES 16

static void check_segments(const struct bf_image *image, uint64_t size)
{
	bool entry = false;

	HOLDS(image->segment_count && image->segment_count <= BF_IMAGE_SEGMENTS);
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct bf_image_segment *s = &image->segment[i];

		HOLDS(s->mem_bytes && s->file_bytes <= s->mem_bytes);
		HOLDS(s->offset <= size && s->file_bytes <= size - s->offset);
		HOLDS(s->va >= BF_VA_IMAGE && s->va < BF_VA_IMAGE_END && s->va % BF_PAGE_SIZE == 0);
		HOLDS(s->mem_bytes <= BF_VA_IMAGE_END - s->va);
		HOLDS((s->flags & (BF_SEGMENT_W | BF_SEGMENT_X)) != (BF_SEGMENT_W | BF_SEGMENT_X));
		entry |= (s->flags & BF_SEGMENT_X) && image->entry >= s->va &&
			 image->entry - s->va < s->mem_bytes;
		for (uint32_t k = 0; k < i; k++)
			HOLDS(s->va >= image->segment[k].va + image->segment[k].mem_bytes ||
			      image->segment[k].va >= s->va + s->mem_bytes);
	}
	HOLDS(entry);
}

/* The first byte of each segment is where the tables say, with the rights of the segment. */
static void lay_out(const struct bf_image *image)
{
	static struct bf_layout layout;
	struct bf_report report = {0};
	int status;

	fake_reset(2);
	bf_layout_init(&layout, &fake_ops, &layout);
	status = bf_layout_build(&layout, image, &fake.machine, BF_LOG_INFO, "", 1 << 20, &report);
	HOLDS(status == 0 || (report.code == status && report.what[0]));
	bf_layout_free(&layout);
	HOLDS(fake.held == 0);
}

static void check(const uint8_t *bytes, size_t size)
{
	struct bf_report report = {0};
	struct bf_image image;
	uint8_t *own = fuzz_block(bytes, size);
	int status = bf_elf_check(own, size, &image, &report);

	HOLDS(status == 0 || status == BF_EIMAGE || status == BF_EVERSION);
	if (!status) {
		check_segments(&image, size);
		lay_out(&image);
	} else {
		HOLDS(report.code == status && report.what[0]);
	}
	free(own);
}

static void change(struct fuzz_input *in)
{
	static const uint8_t widths[] = {1, 2, 4, 8};
	uint8_t image[IMAGE_BYTES];
	uint32_t size = IMAGE_BYTES - (uint32_t)(fuzz_number(in, 1) % 8) * 0x100;

	image_make(image);
	for (uint32_t i = 0; i < POKES && in->left; i++) {
		uint32_t width = widths[fuzz_number(in, 1) % 4];
		uint32_t at = (uint32_t)fuzz_number(in, 2);

		/* Mostly headers, and the note. */
		at = at & 0x8000 ? IMAGE_NOTE_AT + at % 32 : at % (64 + IMAGE_PHDRS * 56);
		image_poke(image, at, width, fuzz_number(in, width));
	}
	check(image, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	if (fuzz_number(&in, 1) % 4)
		change(&in);
	else
		check(in.at, in.left);
	return 0;
}
