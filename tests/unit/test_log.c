/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <bfhw/this_cpu.h>
#include <bfmock/hv.h>
#include <bfmock/machine.h>
#include <bfvmm/log.h>
#include <bfvmm/serial.h>
#include "test.h"

#define CPUS 2u

static struct bf_log_ring rings[CPUS];
static struct bf_pcpu pcpus[CPUS];
static struct bf_log_page page;

/* The mock puts the log where it wants; this test needs its own rings. */
void __real_bf_log_init(void *memory, uint32_t count, enum bf_log_level level);

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_intel, CPUS);
	memset(rings, 0, sizeof(rings));
	memset(&page, 0, sizeof(page));
	__real_bf_log_init(rings, CPUS, BF_LOG_INFO);
	for (uint32_t i = 0; i < CPUS; i++) {
		pcpus[i].index = i;
		mock.cpus[i].pcpu = &pcpus[i];
	}
	return 0;
}

static void expect(uint32_t at, uint64_t seq, const char *text)
{
	assert_int_equal(page.record[at].seq, seq);
	assert_int_equal(page.record[at].length, strlen(text));
	assert_memory_equal(page.record[at].text, text, strlen(text));
}

static void one_line(void **state)
{
	(void)state;
	bf_info("hello %d", 42);
	assert_int_equal(bf_log_read(&page), 1);
	expect(0, 1, "hello 42");
	assert_int_equal(page.record[0].level, BF_LOG_INFO);
	assert_int_equal(page.record[0].flags, 0);
	assert_int_equal(page.record[0].cpu, 0);
	assert_true(page.record[0].tsc > 0);
	assert_int_equal(page.from, 2);
	assert_int_equal(page.lost, 0);
	assert_int_equal(bf_log_read(&page), 0);
	assert_int_equal(page.from, 2);
}

static void levels(void **state)
{
	(void)state;
	bf_debug("dropped");
	bf_error("kept");
	assert_int_equal(bf_log_read(&page), 1);
	expect(0, 1, "kept");
	assert_int_equal(page.record[0].level, BF_LOG_ERROR);
}

/* Two CPUs' records come back in the order of writing. */
static void order_over_cpus(void **state)
{
	static const uint8_t cpus[] = {0, 1, 1, 0, 1, 0, 0};

	(void)state;
	for (uint32_t i = 0; i < COUNT(cpus); i++) {
		mock_cpu_switch(cpus[i]);
		bf_info("%u", i);
	}
	assert_int_equal(bf_log_read(&page), COUNT(cpus));
	for (uint32_t i = 0; i < COUNT(cpus); i++) {
		assert_int_equal(page.record[i].seq, i + 1);
		assert_int_equal(page.record[i].cpu, cpus[i]);
		assert_int_equal(page.record[i].text[0], '0' + i);
	}
}

static void long_lines(void **state)
{
	static const struct {
		uint32_t length, records, last;
	} rows[] = {{99, 1, 99}, {100, 1, 100}, {101, 2, 1},  {200, 2, 100},
		    {201, 3, 1}, {399, 4, 99},  {1000, 4, 99}};
	char text[1001];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(text, 'a' + (int)i, sizeof(text));
		text[rows[i].length] = '\0';
		bf_info("%s", text);
		assert_int_equal(bf_log_read(&page), rows[i].records);
		for (uint32_t r = 0; r < rows[i].records; r++) {
			bool last = r + 1 == rows[i].records;

			assert_int_equal(page.record[r].flags, last ? 0 : BF_LOG_MORE);
			assert_int_equal(page.record[r].length, last ? rows[i].last : 100);
			assert_memory_equal(page.record[r].text, text, page.record[r].length);
		}
	}
}

/* An empty line is a record too. */
static void empty_line(void **state)
{
	(void)state;
	bf_info("%s", "");
	assert_int_equal(bf_log_read(&page), 1);
	assert_int_equal(page.record[0].length, 0);
}

static void wrap(void **state)
{
	const uint32_t more = 10;
	uint64_t seen = 0;

	(void)state;
	for (uint32_t i = 0; i < BF_LOG_SLOTS + more; i++)
		bf_info("line %u", i);
	assert_int_equal(rings[0].head, BF_LOG_SLOTS + more);
	while (bf_log_read(&page)) {
		assert_int_equal(page.lost, seen ? 0 : more);
		for (uint32_t i = 0; i < page.count; i++)
			assert_int_equal(page.record[i].seq, more + 1 + seen++);
	}
	assert_int_equal(seen, BF_LOG_SLOTS);
}

static void page_full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BF_LOG_PAGE_RECORDS + 1; i++)
		bf_info("%u", i);
	assert_int_equal(bf_log_read(&page), BF_LOG_PAGE_RECORDS);
	assert_int_equal(page.from, BF_LOG_PAGE_RECORDS + 1);
	assert_int_equal(bf_log_read(&page), 1);
}

/* A record that is being written has seq 0 and is passed over. */
static void half_written(void **state)
{
	(void)state;
	bf_info("one");
	bf_info("two");
	rings[0].slot[0].seq = 0;
	assert_int_equal(bf_log_read(&page), 1);
	expect(0, 2, "two");
	assert_int_equal(page.lost, 1);
}

/* A CPU beyond the rings must not write past them. */
static void no_ring(void **state)
{
	struct bf_pcpu beyond = {.index = CPUS};

	(void)state;
	bf_set_this_pcpu(&beyond);
	bf_info("nowhere");
	bf_set_this_pcpu(NULL);
	bf_info("before the first CPU has data");
	assert_int_equal(bf_log_read(&page), 1);
	expect(0, 1, "before the first CPU has data");
}

static void serial(void **state)
{
	static const char expected[] = "bareframe: to the wire\r\n";

	(void)state;
	mock.port_in[0x3f8 + 5] = 0x20;
	bf_log_serial(0x3f8);
	bf_info("to the %s", "wire");
	assert_int_equal(mock.out_count, sizeof(expected) - 1);
	assert_memory_equal(mock.out_text, expected, mock.out_count);
	bf_log_serial(0);
	bf_info("silent");
	assert_int_equal(mock.out_count, sizeof(expected) - 1);
}

/* A UART that never gets ready costs time, not the machine. */
static void dead_serial(void **state)
{
	(void)state;
	bf_serial_line(0x2f8, "x");
	assert_true(mock.count.pause > 0);
}

#define RACE_LINES 200000u

static _Atomic bool writer_done;

static void *writer(void *unused)
{
	(void)unused;
	for (uint32_t i = 0; i < RACE_LINES; i++)
		bf_info("%08x%08x%08x%08x%08x", i, i, i, i, i);
	writer_done = true;
	return NULL;
}

static void check_race_record(const struct bf_log_record *r)
{
	char expected[64];
	uint32_t i = (uint32_t)r->seq - 1;

	snprintf(expected, sizeof(expected), "%08x%08x%08x%08x%08x", i, i, i, i, i);
	assert_int_equal(r->length, 40);
	assert_memory_equal(r->text, expected, 40);
}

/* Whatever the reader gets while the writer runs round and round is whole and in order. */
static void race(void **state)
{
	pthread_t thread;
	uint64_t last = 0, got = 0;

	(void)state;
	writer_done = false;
	assert_int_equal(pthread_create(&thread, NULL, writer, NULL), 0);
	for (bool done = false; !done;) {
		done = writer_done;
		bf_log_read(&page);
		for (uint32_t i = 0; i < page.count; i++) {
			assert_true(page.record[i].seq > last);
			last = page.record[i].seq;
			check_race_record(&page.record[i]);
		}
		got += page.count;
		done = done && !page.count;
	}
	pthread_join(thread, NULL);
	assert_int_equal(last, RACE_LINES);
	assert_true(got >= BF_LOG_SLOTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_line, setup),
		cmocka_unit_test_setup(levels, setup),
		cmocka_unit_test_setup(order_over_cpus, setup),
		cmocka_unit_test_setup(long_lines, setup),
		cmocka_unit_test_setup(empty_line, setup),
		cmocka_unit_test_setup(wrap, setup),
		cmocka_unit_test_setup(page_full, setup),
		cmocka_unit_test_setup(half_written, setup),
		cmocka_unit_test_setup(no_ring, setup),
		cmocka_unit_test_setup(serial, setup),
		cmocka_unit_test_setup(dead_serial, setup),
		cmocka_unit_test_setup(race, setup),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
