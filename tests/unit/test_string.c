/* SPDX-License-Identifier: MIT */
/* The byte operations of the VMM, by other names: the C library's own are the judge. */
#include "test.h"

void *vmm_memset(void *to, int byte, size_t bytes);
void *vmm_memcpy(void *to, const void *from, size_t bytes);
int vmm_memcmp(const void *a, const void *b, size_t bytes);

static void set_and_copy(void **state)
{
	uint8_t ours[80], theirs[80], from[80];

	(void)state;
	for (uint32_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 37);
	for (uint32_t at = 0; at < 9; at++)
		for (uint32_t bytes = 0; bytes < 70; bytes++) {
			memset(ours, 0x11, sizeof(ours));
			memset(theirs, 0x11, sizeof(theirs));
			assert_ptr_equal(vmm_memset(ours + at, 0x1a5, bytes), ours + at);
			memset(theirs + at, 0x1a5, bytes);
			assert_memory_equal(ours, theirs, sizeof(ours));
			assert_ptr_equal(vmm_memcpy(ours + at, from, bytes), ours + at);
			memcpy(theirs + at, from, bytes);
			assert_memory_equal(ours, theirs, sizeof(ours));
		}
}

static void compare(void **state)
{
	static const struct {
		const char *a, *b;
		size_t bytes;
		int sign;
	} rows[] = {
		{"", "", 0, 0},        {"a", "b", 0, 0},       {"a", "b", 1, -1},
		{"b", "a", 1, 1},      {"abc", "abc", 4, 0},   {"abc", "abd", 2, 0},
		{"abc", "abd", 3, -1}, {"\xff", "\x01", 1, 1}, {"a\0b", "a\0c", 3, -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int got = vmm_memcmp(rows[i].a, rows[i].b, rows[i].bytes);

		assert_int_equal((got > 0) - (got < 0), rows[i].sign);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_copy),
		cmocka_unit_test(compare),
	};

	return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}
