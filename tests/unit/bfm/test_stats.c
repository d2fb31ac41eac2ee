/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <bareframe/exit.h>
#include <string.h>

#include "names.h"
#include "stats.h"

static void sums_up(void **state)
{
	struct bf_stats_page pages[2] = {{.cpu = 0, .reasons = 2, .exits = {1, 2, 99}},
					 {.cpu = 3, .reasons = 1000, .exits = {10, 20}}};

	(void)state;
	pages[1].exits[BF_STATS_REASONS - 1] = 5;
	assert_int_equal(bfm_stats_reasons(pages, 2), BF_STATS_REASONS);
	assert_int_equal(bfm_stats_cpu_total(&pages[0]), 3);
	assert_int_equal(bfm_stats_cpu_total(&pages[1]), 35);
	assert_int_equal(bfm_stats_reason_total(pages, 2, 1), 22);
	assert_int_equal(bfm_stats_reason_total(pages, 2, 2), 0);
}

static void shows_only_what_happened(void **state)
{
	struct bf_stats_page pages[2] = {{.cpu = 0, .reasons = BF_EXIT_COUNT},
					 {.cpu = 1, .reasons = BF_EXIT_COUNT}};
	struct bfm_text text = {0};

	(void)state;
	pages[0].exits[BF_EXIT_CPUID] = 600;
	pages[1].exits[BF_EXIT_CPUID] = 34;
	bfm_stats_text(&text, pages, 2);
	assert_string_equal(
		bfm_text_get(&text),
		"exits by reason                       all CPUs         CPU 0         CPU 1\n"
		"CPUID                                      634           600            34\n"
		"all reasons                                634           600            34\n");
	bfm_text_free(&text);
}

static void many_cpus_get_many_tables(void **state)
{
	struct bf_stats_page pages[7] = {0};
	struct bfm_text text = {0};

	(void)state;
	for (uint32_t cpu = 0; cpu < 7; cpu++)
		pages[cpu] = (struct bf_stats_page){.cpu = cpu, .reasons = 1, .exits = {1}};
	bfm_stats_text(&text, pages, 7);
	assert_non_null(strstr(bfm_text_get(&text), "\n\nexits by reason"));
	assert_non_null(strstr(strstr(bfm_text_get(&text), "\n\n"), "CPU 6"));
	bfm_text_free(&text);
}

static void json_has_every_reason(void **state)
{
	struct bf_stats_page page = {.cpu = 4, .reasons = 2, .tsc = 9, .exits = {0, 7}};
	struct bfm_extensions none = {0};
	struct bfm_text text = {0};

	(void)state;
	bfm_stats_json(&text, &page, 1, &none);
	assert_string_equal(bfm_text_get(&text),
			    "{\"total\":7,\"exits\":{\"EXCEPTION\":0,\"EXTERNAL_INTERRUPT\":7},"
			    "\"cpus\":[{\"cpu\":4,\"tsc\":9,\"total\":7,"
			    "\"exits\":{\"EXCEPTION\":0,\"EXTERNAL_INTERRUPT\":7}}],"
			    "\"extensions\":[],\"timed_exits\":0,\"cpu_cycles\":0}\n");
	bfm_text_clear(&text);
	bfm_reason_key(&text, 95);
	bfm_reason_text(&text, 95);
	assert_string_equal(bfm_text_get(&text), "REASON_95reason 95");
	bfm_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_up),
		cmocka_unit_test(shows_only_what_happened),
		cmocka_unit_test(many_cpus_get_many_tables),
		cmocka_unit_test(json_has_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
