/* SPDX-License-Identifier: MIT */
/* Validation of VMM images: each field broken once, named in the report. */
#include <bfload/elf.h>
#include "image.h"
#include "../test.h"

static uint8_t bytes[IMAGE_BYTES];
static struct bf_image image;
static struct bf_report report;

static int setup(void **state)
{
	(void)state;
	image_make(bytes);
	memset(&report, 0, sizeof(report));
	return 0;
}

static int check(void)
{
	memset(&report, 0, sizeof(report));
	return bf_elf_check(bytes, sizeof(bytes), &image, &report);
}

static void good(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	assert_int_equal(report.code, 0);
	assert_int_equal(image.entry, IMAGE_ENTRY);
	assert_int_equal(image.segment_count, 3);
	assert_int_equal(image.segment[1].va, BF_VA_IMAGE + 0x1000);
	assert_int_equal(image.segment[1].file_bytes, 0x800);
	assert_int_equal(image.segment[1].mem_bytes, 0x2800);
	assert_int_equal(image.segment[1].offset, 0x2000);
	assert_int_equal(image.segment[1].flags, BF_SEGMENT_R | BF_SEGMENT_W);
}

#define TEXT(field)  IMAGE_PHDR(IMAGE_TEXT, field)
#define DATA(field)  IMAGE_PHDR(IMAGE_DATA, field)
#define NOTE(field)  IMAGE_PHDR(IMAGE_NOTE, field)
#define STACK(field) IMAGE_PHDR(IMAGE_STACK, field)

static const struct {
	const char *name;
	uint32_t at, bytes;
	uint64_t value;
	const char *what; /* what the report must name */
} rows[] = {
	{"magic, first byte", 0, 1, 'X', "e_ident[EI_MAG]"},
	{"magic, last byte", 3, 1, 'G', "e_ident[EI_MAG]"},
	{"32-bit", 4, 1, 1, "e_ident[EI_CLASS]"},
	{"big-endian", 5, 1, 2, "e_ident[EI_DATA]"},
	{"ident version", 6, 1, 0, "e_ident[EI_VERSION]"},
	{"shared object", 16, 2, 3, "e_type"},
	{"relocatable", 16, 2, 1, "e_type"},
	{"other machine", 18, 2, 183, "e_machine"},
	{"version", 20, 4, 2, "e_version"},
	{"header size", 52, 2, 63, "e_ehsize"},
	{"program header size", 54, 2, 32, "e_phentsize"},
	{"no program headers", E_PHNUM, 2, 0, "e_phnum"},
	{"too many program headers", E_PHNUM, 2, 65, "e_phnum"},
	{"program headers behind the end", E_PHOFF, 8, IMAGE_BYTES, "e_phoff"},
	{"last program header cut", E_PHOFF, 8, IMAGE_BYTES - IMAGE_PHDRS * 56 + 1, "e_phoff"},
	{"program headers wrap", E_PHOFF, 8, UINT64_MAX - 55, "e_phoff"},
	{"entry below", E_ENTRY, 8, BF_VA_IMAGE - 1, "e_entry"},
	{"entry in data", E_ENTRY, 8, BF_VA_IMAGE + 0x1000, "e_entry"},
	{"entry at the end", E_ENTRY, 8, BF_VA_IMAGE + 0x5000, "e_entry"},
	{"entry 0", E_ENTRY, 8, 0, "e_entry"},
	{"segment not aligned", TEXT(P_VADDR), 8, BF_VA_IMAGE + 0x800, "PT_LOAD: p_vaddr"},
	{"segment below the region", TEXT(P_VADDR), 8, BF_VA_IMAGE - 0x1000, "PT_LOAD: p_vaddr"},
	{"segment above the region", TEXT(P_VADDR), 8, BF_VA_IMAGE_END, "PT_LOAD: p_vaddr"},
	{"segment in user space", TEXT(P_VADDR), 8, 0x400000, "PT_LOAD: p_vaddr"},
	{"segment ends behind the region", DATA(P_MEMSZ), 8, 0x4000000, "PT_LOAD: p_memsz"},
	{"segment wraps", DATA(P_MEMSZ), 8, UINT64_MAX, "PT_LOAD: p_memsz"},
	{"more file than memory", DATA(P_MEMSZ), 8, 0x7ff, "PT_LOAD: p_filesz"},
	{"segments overlap", DATA(P_VADDR), 8, BF_VA_IMAGE, "PT_LOAD: p_vaddr"},
	{"segments share a page", TEXT(P_MEMSZ), 8, 0x1001, "PT_LOAD: p_vaddr"},
	{"segment around another", DATA(P_MEMSZ), 8, 0x100000, "PT_LOAD: p_vaddr"},
	{"writable and executable", TEXT(P_FLAGS), 4, 7, "PT_LOAD: p_flags"},
	{"unknown flag", TEXT(P_FLAGS), 4, 0x100005, "PT_LOAD: p_flags"},
	{"offset behind the file", TEXT(P_OFFSET), 8, IMAGE_BYTES + 1, "p_offset + p_filesz"},
	{"end behind the file", TEXT(P_OFFSET), 8, IMAGE_BYTES - 0xfff, "p_offset + p_filesz"},
	{"offset wraps", TEXT(P_OFFSET), 8, UINT64_MAX, "p_offset + p_filesz"},
	{"size wraps", STACK(P_FILESZ), 8, UINT64_MAX, "p_offset + p_filesz"},
	{"dynamic", STACK(P_TYPE), 4, 2, "PT_DYNAMIC"},
	{"interpreter", STACK(P_TYPE), 4, 3, "PT_INTERP"},
	{"thread-local storage", STACK(P_TYPE), 4, 7, "PT_TLS"},
	{"no note", NOTE(P_TYPE), 4, 0, "Bareframe note"},
	{"note of another name", IMAGE_NOTE_AT + 12, 1, 'b', "Bareframe note"},
	{"note of another type", IMAGE_NOTE_AT + 8, 4, 2, "Bareframe note"},
	{"note cut", NOTE(P_FILESZ), 8, 11, "Bareframe note"},
	{"note ends early", NOTE(P_FILESZ), 8, 27, "PT_NOTE: namesz + descsz"},
	{"note name too long", IMAGE_NOTE_AT, 4, 0xffffffff, "PT_NOTE: namesz + descsz"},
	{"note payload too long", IMAGE_NOTE_AT + 4, 4, 0xffffffff, "PT_NOTE: namesz + descsz"},
	{"note payload too short", IMAGE_NOTE_AT + 4, 4, 3, "Bareframe note: descsz"},
};

static void each_field(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		image_poke(bytes, rows[i].at, rows[i].bytes, rows[i].value);
		assert_row(check() == BF_EIMAGE, rows[i].name);
		assert_row(report.code == BF_EIMAGE, rows[i].name);
		assert_row(!strcmp(report.what, rows[i].what), rows[i].name);
		assert_row(report.rule[0], rows[i].name);
	}
}

static void other_boot_abi(void **state)
{
	(void)state;
	image_poke(bytes, IMAGE_NOTE_AT + 24, 4, 99);
	assert_int_equal(check(), BF_EVERSION);
	assert_int_equal(report.value, 99);
}

static void no_segments(void **state)
{
	(void)state;
	for (int i = IMAGE_TEXT; i <= IMAGE_RODATA; i++)
		image_poke(bytes, IMAGE_PHDR(i, P_TYPE), 4, 0);
	assert_int_equal(check(), BF_EIMAGE);
	assert_string_equal(report.what, "PT_LOAD");
}

static void too_many_segments(void **state)
{
	const uint32_t headers = BF_IMAGE_SEGMENTS + 2;

	(void)state;
	image_poke(bytes, E_PHOFF, 8, 0x2000);
	image_poke(bytes, E_PHNUM, 2, headers);
	memcpy(bytes + 0x2000, bytes + NOTE(0), 56);
	for (uint32_t i = 1; i < headers; i++) {
		memcpy(bytes + 0x2000 + i * 56, bytes + TEXT(0), 56);
		image_poke(bytes, 0x2000 + i * 56 + P_VADDR, 8, BF_VA_IMAGE + (i - 1) * 0x1000);
	}
	assert_int_equal(check(), BF_EIMAGE);
	assert_string_equal(report.what, "PT_LOAD: number of segments");
	image_poke(bytes, E_PHNUM, 2, headers - 1);
	assert_int_equal(check(), 0);
	assert_int_equal(image.segment_count, BF_IMAGE_SEGMENTS);
}

/* Unusual, but in order. */
static void allowed(void **state)
{
	(void)state;
	image_poke(bytes, TEXT(P_FILESZ), 8, 0);
	assert_int_equal(check(), 0);
	image_poke(bytes, DATA(P_MEMSZ), 8, 0);
	image_poke(bytes, DATA(P_FILESZ), 8, 0);
	assert_int_equal(check(), 0);
	assert_int_equal(image.segment_count, 2);
	setup(state);
	image_poke(bytes, IMAGE_PHDR(IMAGE_RODATA, P_VADDR), 8, BF_VA_IMAGE_END - 0x1000);
	assert_int_equal(check(), 0);
}

/* The bytes end at any point: never read past the end (ASan watches), never taken for good. */
static void truncated(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < IMAGE_BYTES; size += size < 512 ? 1 : 61) {
		uint8_t *cut = test_malloc(size + 1);

		memcpy(cut, bytes, size);
		memset(&report, 0, sizeof(report));
		if (size < IMAGE_NOTE_AT + 0x100)
			assert_int_not_equal(bf_elf_check(cut, size, &image, &report), 0);
		test_free(cut);
	}
}

/* Random damage is refused or harmless: what is accepted lies within its bounds. */
static void damaged(void **state)
{
	uint32_t seed = 7;

	for (int round = 0; round < 50000; round++) {
		setup(state);
		for (int i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[(seed >> 8) % (64 + IMAGE_PHDRS * 56)] ^=
				(uint8_t)(1 << (seed >> 29));
		}
		if (check())
			continue;
		for (uint32_t i = 0; i < image.segment_count; i++) {
			const struct bf_image_segment *s = &image.segment[i];

			assert_true(s->offset <= IMAGE_BYTES);
			assert_true(s->file_bytes <= IMAGE_BYTES - s->offset);
			assert_true(s->file_bytes <= s->mem_bytes);
			assert_true(s->va >= BF_VA_IMAGE && s->va < BF_VA_IMAGE_END);
			assert_true(s->mem_bytes <= BF_VA_IMAGE_END - s->va);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good, setup),
		cmocka_unit_test_setup(each_field, setup),
		cmocka_unit_test_setup(other_boot_abi, setup),
		cmocka_unit_test_setup(no_segments, setup),
		cmocka_unit_test_setup(too_many_segments, setup),
		cmocka_unit_test_setup(allowed, setup),
		cmocka_unit_test_setup(truncated, setup),
		cmocka_unit_test_setup(damaged, setup),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
