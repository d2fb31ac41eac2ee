/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "elf_format.h"
#include <bfabi/layout.h>
#include <bfload/report.h>

/* The most program headers that an image may have; ours has about six. */
#define PHDR_MAX 64

/* Fields of the file header that allow one value only. */
struct fixed_field {
	const char *name;
	uint32_t offset;
	uint32_t bytes;
	uint64_t value;
	const char *rule;
};

static const struct fixed_field header_fields[] = {
	{"e_ident[EI_MAG]", 0, 4, 0x464c457f, "must be 0x464c457f: this is no ELF file"},
	{"e_ident[EI_CLASS]", 4, 1, 2, "must be 2 (64-bit)"},
	{"e_ident[EI_DATA]", 5, 1, 1, "must be 1 (little-endian)"},
	{"e_ident[EI_VERSION]", 6, 1, 1, "must be 1"},
	{"e_type", 16, 2, 2, "must be 2 (ET_EXEC): link the image at a fixed address"},
	{"e_machine", 18, 2, 62, "must be 62 (x86-64)"},
	{"e_version", 20, 4, 1, "must be 1"},
	{"e_ehsize", 52, 2, 64, "must be 64"},
	{"e_phentsize", 54, 2, 56, "must be 56"},
};

static int fail(struct bf_report *report, const char *what, uint64_t value, const char *rule)
{
	return bf_report_set(report, BF_EIMAGE, what, value, rule);
}

static int check_fixed_fields(const uint8_t *bytes, struct bf_report *report)
{
	for (uint32_t i = 0; i < sizeof(header_fields) / sizeof(header_fields[0]); i++) {
		const struct fixed_field *field = &header_fields[i];
		uint64_t value = 0;

		memcpy(&value, bytes + field->offset, field->bytes);
		if (value != field->value)
			return fail(report, field->name, value, field->rule);
	}
	return 0;
}

static int check_header(const uint8_t *bytes, uint64_t size, struct bf_elf_header *header,
			struct bf_report *report)
{
	int ret;

	if (size < sizeof(*header))
		return fail(report, "file size", size, "must hold an ELF header of 64 bytes");
	ret = check_fixed_fields(bytes, report);
	if (ret)
		return ret;
	memcpy(header, bytes, sizeof(*header));
	if (!header->phnum || header->phnum > PHDR_MAX)
		return fail(report, "e_phnum", header->phnum, "must be 1 to 64");
	if (header->phoff > size ||
	    (uint64_t)header->phnum * sizeof(struct bf_elf_phdr) > size - header->phoff)
		return fail(report, "e_phoff", header->phoff,
			    "the program headers must lie within the file");
	return 0;
}

static uint64_t page_up(uint64_t value)
{
	return (value + BF_PAGE_SIZE - 1) & BF_PAGE_MASK;
}

static int check_overlap(const struct bf_image *image, const struct bf_elf_phdr *ph,
			 struct bf_report *report)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct bf_image_segment *other = &image->segment[i];

		if (ph->vaddr < page_up(other->va + other->mem_bytes) &&
		    other->va < page_up(ph->vaddr + ph->memsz))
			return fail(report, "PT_LOAD: p_vaddr", ph->vaddr,
				    "must share no page with another segment");
	}
	return 0;
}

/* Where the segment lies in memory. The order of the tests keeps each sum from wrapping. */
static int check_place(const struct bf_elf_phdr *ph, struct bf_report *report)
{
	if (ph->vaddr & ~BF_PAGE_MASK)
		return fail(report, "PT_LOAD: p_vaddr", ph->vaddr, "must be page-aligned");
	if (ph->vaddr < BF_VA_IMAGE || ph->vaddr >= BF_VA_IMAGE_END)
		return fail(report, "PT_LOAD: p_vaddr", ph->vaddr,
			    "must lie in the image region, see bfabi/layout.h");
	if (ph->memsz > BF_VA_IMAGE_END - ph->vaddr)
		return fail(report, "PT_LOAD: p_memsz", ph->memsz,
			    "must end within the image region, see bfabi/layout.h");
	if (ph->filesz > ph->memsz)
		return fail(report, "PT_LOAD: p_filesz", ph->filesz, "must not exceed p_memsz");
	return 0;
}

static int check_load(struct bf_image *image, const struct bf_elf_phdr *ph,
		      struct bf_report *report)
{
	int ret = check_place(ph, report);

	if (ret)
		return ret;
	if ((ph->flags & BF_SEGMENT_W) && (ph->flags & BF_SEGMENT_X))
		return fail(report, "PT_LOAD: p_flags", ph->flags,
			    "must not be writable and executable");
	if (ph->flags & ~(uint32_t)(BF_SEGMENT_R | BF_SEGMENT_W | BF_SEGMENT_X))
		return fail(report, "PT_LOAD: p_flags", ph->flags, "must have no bit above 0x7");
	if (!ph->memsz)
		return 0;
	ret = check_overlap(image, ph, report);
	if (ret)
		return ret;
	if (image->segment_count == BF_IMAGE_SEGMENTS)
		return fail(report, "PT_LOAD: number of segments", BF_IMAGE_SEGMENTS + 1,
			    "must not exceed 16");
	image->segment[image->segment_count++] = (struct bf_image_segment){
		.va = ph->vaddr,
		.mem_bytes = ph->memsz,
		.file_bytes = ph->filesz,
		.offset = ph->offset,
		.flags = ph->flags,
	};
	return 0;
}

static int refuse(const char *what, uint64_t index, struct bf_report *report)
{
	return fail(report, what, index,
		    "must not be in an image, which is static: check the link options");
}

static int check_phdr(struct bf_image *image, const struct bf_elf_phdr *ph, uint32_t index,
		      bool *note, struct bf_report *report)
{
	int ret;

	if (ph->offset > image->size || ph->filesz > image->size - ph->offset)
		return fail(report, "p_offset + p_filesz", ph->offset, "must lie within the file");
	switch (ph->type) {
	case PHDR_LOAD:
		return check_load(image, ph, report);
	case PHDR_DYNAMIC:
		return refuse("PT_DYNAMIC", index, report);
	case PHDR_INTERP:
		return refuse("PT_INTERP", index, report);
	case PHDR_TLS:
		return refuse("PT_TLS", index, report);
	case PHDR_NOTE:
		ret = bf_elf_note_check(image->bytes, ph, report);
		*note |= ret > 0;
		return ret < 0 ? ret : 0;
	default:
		return 0;
	}
}

static int check_entry(const struct bf_image *image, struct bf_report *report)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct bf_image_segment *s = &image->segment[i];

		if ((s->flags & BF_SEGMENT_X) && image->entry >= s->va &&
		    image->entry - s->va < s->mem_bytes)
			return 0;
	}
	return fail(report, "e_entry", image->entry, "must lie in an executable segment");
}

int bf_elf_check(const void *bytes, uint64_t size, struct bf_image *image, struct bf_report *report)
{
	struct bf_elf_header header = {.phnum = 0};
	struct bf_elf_phdr ph;
	bool note = false;
	int ret;

	memset(image, 0, sizeof(*image));
	image->bytes = bytes;
	image->size = size;
	ret = check_header(bytes, size, &header, report);
	for (uint32_t i = 0; !ret && i < header.phnum; i++) {
		memcpy(&ph, image->bytes + header.phoff + i * sizeof(ph), sizeof(ph));
		ret = check_phdr(image, &ph, i, &note, report);
	}
	if (ret)
		return ret;
	image->entry = header.entry;
	if (!image->segment_count)
		return fail(report, "PT_LOAD", 0, "there must be at least one segment to load");
	if (!note)
		return fail(report, "Bareframe note", 0,
			    "must be in a PT_NOTE: this is no Bareframe VMM, or its linker script "
			    "dropped the note");
	return check_entry(image, report);
}
