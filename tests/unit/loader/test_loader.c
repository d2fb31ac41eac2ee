/* SPDX-License-Identifier: MIT */
/* The loader's state machine: all CPUs or none, whatever fails. */
#include "fake_os.h"
#include "image.h"
#include "../test.h"

#define CPUS 4u

static uint8_t bytes[IMAGE_BYTES];
static struct bf_loader loader;
static struct bf_ioctl_status status;
static struct bf_load_options options;

static int setup(void **state)
{
	(void)state;
	fake_reset(CPUS);
	image_make(bytes);
	options = (struct bf_load_options){.log_level = 2, .name = "vmm", .cmdline = "a=1"};
	bf_loader_init(&loader, &fake_ops, &loader);
	return 0;
}

static int load(void)
{
	return bf_loader_load(&loader, bytes, sizeof(bytes), &options);
}

static int loaded(void **state)
{
	setup(state);
	return load();
}

static int started(void **state)
{
	loaded(state);
	return bf_loader_start(&loader);
}

static uint64_t running(void)
{
	status.size = sizeof(status);
	bf_loader_status(&loader, &status);
	return status.running[0];
}

/* Nothing runs, nothing is half done, and the next start works. */
static void expect_bare(const char *when)
{
	assert_row(running() == 0, when);
	assert_row(status.state == BF_STATE_LOADED, when);
	assert_row(!fake.vmm_up, when);
	assert_row(fake.starts - fake.stops <= 1, when);
}

static void expect_sound(const char *when)
{
	fake.fail_op = 0;
	assert_row(bf_loader_start(&loader) == 0, when);
	assert_row(running() == 0xf, when);
	assert_row(bf_loader_stop(&loader) == 0, when);
	assert_row(bf_loader_unload(&loader) == 0, when);
	assert_row(fake.held == 0, when);
}

static void life(void **state)
{
	(void)state;
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_UNLOADED);
	assert_int_equal(status.cpus_online, CPUS);
	assert_int_equal(load(), 0);
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_LOADED);
	assert_string_equal(status.name, "vmm");
	assert_string_equal(status.cmdline, "a=1");
	assert_int_equal(status.memory_bytes, fake.held * BF_PAGE_SIZE);
	for (uint32_t round = 1; round <= 3; round++) {
		assert_int_equal(bf_loader_start(&loader), 0);
		assert_int_equal(running(), 0xf);
		assert_int_equal(status.cpus_running, CPUS);
		assert_int_equal(status.state, BF_STATE_RUNNING);
		assert_int_equal(status.starts, round);
		assert_int_equal(bf_loader_stop(&loader), 0);
		assert_int_equal(running(), 0);
		assert_int_equal(fake.inits, round);
		assert_int_equal(fake.starts, CPUS * round);
		assert_int_equal(fake.stops, CPUS * round);
		assert_int_equal(fake.finis, round);
	}
	assert_int_equal(bf_loader_unload(&loader), 0);
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_UNLOADED);
	assert_int_equal(fake.held, 0);
}

static int call_log(struct bf_loader *l)
{
	struct bf_log_page page = {0};

	return bf_loader_log(l, &page);
}

static int call_stats(struct bf_loader *l)
{
	struct bf_stats_page page = {0};

	return bf_loader_stats(l, &page);
}

static int call_load(struct bf_loader *l)
{
	(void)l;
	return load();
}

static int suspended(void **state)
{
	started(state);
	return bf_loader_suspend(&loader);
}

/* Every call in every state: allowed, or BF_ESTATE and nothing touched. */
static void wrong_states(void **state)
{
	static int (*const states[])(void **) = {setup, loaded, started, suspended};
	static const struct {
		const char *name;
		int (*call)(struct bf_loader *loader);
		bool allowed[4]; /* in UNLOADED, LOADED, RUNNING, SUSPENDED */
	} rows[] = {
		{"load", call_load, {true, false, false, false}},
		{"start", bf_loader_start, {false, true, false, false}},
		{"stop", bf_loader_stop, {false, false, true, true}},
		{"unload", bf_loader_unload, {false, true, false, false}},
		{"log", call_log, {false, true, true, true}},
		{"stats", call_stats, {false, false, true, false}},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (uint32_t s = 0; s < 4; s++) {
			assert_int_equal(states[s](state), 0);
			int got = rows[i].call(&loader);

			assert_row(got == (rows[i].allowed[s] ? 0 : BF_ESTATE), rows[i].name);
			assert_row(got == loader.report.code, rows[i].name);
			assert_row(!got || loader.state == s, rows[i].name);
			assert_row(loader.failure.code == 0, rows[i].name);
		}
}

static void start_fails_on_each_cpu(void **state)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		loaded(state);
		fake.fail_op = BF_OP_START;
		fake.fail_cpu = cpu;
		fake.fail_code = BF_EENTRY;
		assert_int_equal(bf_loader_start(&loader), BF_EENTRY);
		assert_int_equal(loader.report.code, BF_EENTRY);
		assert_int_equal(loader.report.cpu, cpu);
		assert_string_equal(loader.report.what, "fake");
		assert_int_equal(fake.starts, cpu + 1);
		assert_int_equal(fake.stops, cpu);
		assert_int_equal(fake.finis, 1);
		expect_bare("start");
		assert_int_equal(status.report.code, BF_EENTRY);
		assert_int_equal(status.starts, 0);
		expect_sound("start");
		assert_int_equal(loader.failure.code, 0);
	}
}

/* The VMM says that all is well, and it is not. */
static void start_lies(void **state)
{
	(void)state;
	fake.lie = true;
	assert_int_equal(bf_loader_start(&loader), BF_ECPU);
	expect_bare("lie");
	fake.lie = false;
	expect_sound("lie");
}

static void init_fails(void **state)
{
	(void)state;
	fake.fail_op = BF_OP_INIT;
	fake.fail_code = BF_ENOVIRT;
	assert_int_equal(bf_loader_start(&loader), BF_ENOVIRT);
	assert_string_equal(loader.report.what, "fake");
	assert_int_equal(fake.starts, 0);
	assert_int_equal(fake.finis, 0);
	expect_bare("init");
	expect_sound("init");
}

static void nonsense_from_the_vmm(void **state)
{
	(void)state;
	fake.fail_op = BF_OP_START;
	fake.fail_cpu = 2;
	fake.fail_code = 12345;
	assert_int_equal(bf_loader_start(&loader), BF_EPANIC);
	assert_int_equal(loader.report.code, BF_EPANIC);
	expect_bare("nonsense");
}

/* The n-th time that a CPU is asked to do something, it cannot be reached. */
static void unreachable_cpu(void **state)
{
	const uint32_t calls = CPUS + 1 + CPUS; /* checks, BF_OP_INIT, starts */

	for (uint32_t n = 1; n <= calls; n++) {
		loaded(state);
		fake.fail_on_cpu = n;
		assert_int_equal(bf_loader_start(&loader), BF_ECPU);
		assert_int_equal(fake.fail_on_cpu, 0);
		expect_bare("unreachable");
		expect_sound("unreachable");
	}
	loaded(state);
	fake.fail_on_cpu = calls + 1;
	assert_int_equal(bf_loader_start(&loader), 0);
}

static void busy(void **state)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		loaded(state);
		fake.vmxe[cpu] = true;
		assert_int_equal(bf_loader_start(&loader), BF_EBUSY);
		assert_int_equal(loader.report.cpu, cpu);
		assert_string_equal(loader.report.what, "CR4.VMXE");
		assert_string_equal(loader.report.rule, "unload the other one");
		assert_int_equal(fake.inits, 0);
		fake.vmxe[cpu] = false;
		expect_bare("busy");
		expect_sound("busy");
	}
}

static void out_of_memory(void **state)
{
	uint32_t failures = 0;
	int got;

	do {
		setup(state);
		fake.max_pages = 32;
		fake.fail_alloc = failures + 1;
		got = load();
		if (got) {
			assert_int_equal(got, BF_ENOMEM);
			assert_int_equal(loader.report.code, BF_ENOMEM);
			assert_int_equal(running(), 0);
			assert_int_equal(status.state, BF_STATE_UNLOADED);
			assert_int_equal(fake.held, 0);
			failures++;
			assert_int_equal(load(), 0);
			expect_sound("memory");
		}
	} while (got);
	assert_true(failures > 5);
}

/* The machine has more CPUs at the start than at the load, and no memory for them. */
static void grown_machine(void **state)
{
	setup(state);
	fake.machine.cpu_count = 2;
	fake.online[2] = fake.online[3] = false;
	assert_int_equal(load(), 0);
	fake.machine.cpu_count = 4;
	fake.next = FAKE_MEMORY;
	assert_int_equal(bf_loader_start(&loader), BF_ENOMEM);
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_LOADED);
	fake.machine.cpu_count = 2;
	assert_int_equal(bf_loader_start(&loader), 0);
	assert_int_equal(running(), 3);
}

static void machine_fails(void **state)
{
	(void)state;
	fake.fail_machine = 1;
	assert_int_equal(bf_loader_start(&loader), BF_ENOTSUP);
	expect_bare("machine");
	expect_sound("machine");
}

static void bad_options(void **state)
{
	static char longer[BF_CMDLINE_BYTES + 1];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	options.cmdline = longer;
	assert_int_equal(load(), BF_EINVAL);
	assert_string_equal(loader.report.what, "command line");
	longer[BF_CMDLINE_BYTES - 1] = '\0';
	options.log_level = BF_LOG_LEVELS;
	assert_int_equal(load(), BF_EINVAL);
	assert_string_equal(loader.report.what, "log level");
	options.log_level = 0;
	assert_int_equal(load(), 0);
	assert_int_equal(bf_loader_unload(&loader), 0);
	bytes[0] = 0;
	assert_int_equal(load(), BF_EIMAGE);
	assert_int_equal(loader.failure.code, BF_EIMAGE);
	assert_int_equal(fake.held, 0);
}

/* CPUs that will not go bare: the others do, and the call can be repeated. */
static void stop_refused(void **state)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		started(state);
		fake.refuse_stop = 1 << cpu;
		assert_int_equal(bf_loader_stop(&loader), BF_EPERM);
		assert_int_equal(loader.report.cpu, cpu);
		assert_int_equal(running(), 1 << cpu);
		assert_int_equal(status.state, BF_STATE_RUNNING);
		assert_int_equal(fake.finis, 0);
		assert_int_equal(bf_loader_unload(&loader), BF_ESTATE);
		fake.refuse_stop = 0;
		assert_int_equal(bf_loader_stop(&loader), 0);
		expect_bare("refused");
		expect_sound("refused");
	}
}

/* A CPU that the VMM has halted never answers: nobody waits for it, and its memory stays. */
static void one_halted(void **state)
{
	struct bf_log_page log = {.from = 10};

	(void)state;
	loader.layout.sw[0]->running = BF_CPU_HALTED;
	fake.dead = 1;
	assert_int_equal(running(), 0xe);
	assert_int_equal(bf_loader_log(&loader, &log), 0);
	assert_int_equal(log.record[0].seq, 15);
	assert_int_equal(bf_loader_stop(&loader), BF_EPANIC);
	assert_int_equal(loader.report.cpu, 0);
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_RUNNING);
	assert_int_equal(fake.finis, 0);
	assert_int_equal(bf_loader_unload(&loader), BF_ESTATE);
	assert_int_equal(bf_loader_suspend(&loader), BF_EPANIC);
	assert_int_equal(bf_loader_cpu_down(&loader, 0), BF_EPANIC);
	loader.layout.log[0]->slot[7].seq = 99;
	assert_int_equal(bf_loader_log(&loader, &log), 0);
	assert_int_equal(log.record[0].seq, 99);
}

static void rollback_refused(void **state)
{
	(void)state;
	fake.fail_op = BF_OP_START;
	fake.fail_cpu = 3;
	fake.fail_code = BF_EENTRY;
	fake.refuse_stop = 2;
	assert_int_equal(bf_loader_start(&loader), BF_EENTRY);
	assert_int_equal(running(), 2);
	assert_int_equal(status.state, BF_STATE_RUNNING);
	assert_true(fake.said[0]);
	fake.refuse_stop = 0;
	assert_int_equal(bf_loader_stop(&loader), 0);
	expect_bare("rollback");
}

static void cpu_goes_and_comes(void **state)
{
	(void)state;
	assert_int_equal(bf_loader_cpu_down(&loader, 2), 0);
	fake.online[2] = false;
	assert_int_equal(running(), 0xb);
	assert_int_equal(status.cpus_online, 3);
	fake.online[2] = true;
	assert_int_equal(bf_loader_cpu_up(&loader, 2), 0);
	assert_int_equal(running(), 0xf);
	assert_int_equal(bf_loader_cpu_up(&loader, 2), 0);
	assert_int_equal(fake.starts, CPUS + 1);
	assert_int_equal(bf_loader_cpu_up(&loader, CPUS), BF_ERANGE);
	assert_int_equal(fake.inits, 1);
	assert_int_equal(bf_loader_stop(&loader), 0);
	assert_int_equal(bf_loader_cpu_up(&loader, 1), 0);
	assert_int_equal(bf_loader_cpu_down(&loader, 1), 0);
	expect_bare("hotplug");
}

static void cpu_up_fails(void **state)
{
	(void)state;
	bf_loader_cpu_down(&loader, 1);
	fake.fail_op = BF_OP_START;
	fake.fail_cpu = 1;
	fake.fail_code = BF_EENTRY;
	assert_int_equal(bf_loader_cpu_up(&loader, 1), BF_EENTRY);
	assert_int_equal(running(), 0xd);
	assert_int_equal(status.state, BF_STATE_RUNNING);
	assert_int_equal(status.report.cpu, 1);
	fake.fail_op = 0;
	fake.vmxe[1] = true;
	assert_int_equal(bf_loader_cpu_up(&loader, 1), BF_EBUSY);
	fake.vmxe[1] = false;
	assert_int_equal(bf_loader_stop(&loader), 0);
	expect_bare("hotplug");
}

/* A start with CPUs offline leaves them alone; they join when they come. */
static void start_with_offline(void **state)
{
	(void)state;
	fake.online[0] = fake.online[3] = false;
	assert_int_equal(bf_loader_start(&loader), 0);
	assert_int_equal(running(), 6);
	fake.online[0] = true;
	assert_int_equal(bf_loader_cpu_up(&loader, 0), 0);
	assert_int_equal(running(), 7);
	assert_int_equal(bf_loader_stop(&loader), 0);
	expect_bare("offline");
}

static void suspend_and_resume(void **state)
{
	(void)state;
	assert_int_equal(bf_loader_suspend(&loader), 0);
	assert_int_equal(running(), 0);
	assert_int_equal(status.state, BF_STATE_SUSPENDED);
	assert_true(fake.vmm_up);
	assert_int_equal(bf_loader_suspend(&loader), 0);
	assert_int_equal(bf_loader_resume(&loader), 0);
	assert_int_equal(running(), 0xf);
	assert_int_equal(status.state, BF_STATE_RUNNING);
	assert_int_equal(fake.inits, 1);
	assert_int_equal(bf_loader_resume(&loader), 0);
	assert_int_equal(fake.starts, 2 * CPUS);
	bf_loader_suspend(&loader);
	assert_int_equal(bf_loader_stop(&loader), 0);
	expect_bare("suspend");
	assert_int_equal(bf_loader_suspend(&loader), 0);
	assert_int_equal(bf_loader_resume(&loader), 0);
	expect_bare("suspend");
}

static void resume_fails(void **state)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		suspended(state);
		fake.fail_op = BF_OP_START;
		fake.fail_cpu = cpu;
		fake.fail_code = BF_EENTRY;
		assert_int_equal(bf_loader_resume(&loader), BF_EENTRY);
		expect_bare("resume");
		expect_sound("resume");
	}
}

static void suspend_refused(void **state)
{
	(void)state;
	fake.refuse_stop = 4;
	assert_int_equal(bf_loader_suspend(&loader), BF_EPERM);
	assert_int_equal(running(), 4);
	assert_int_equal(status.state, BF_STATE_RUNNING);
}

static void log_and_stats(void **state)
{
	struct bf_log_page log = {.from = 10};
	struct bf_stats_page stats = {.cpu = 3};

	(void)state;
	assert_int_equal(bf_loader_log(&loader, &log), 0);
	assert_int_equal(log.record[0].seq, 15);
	assert_int_equal(bf_loader_stats(&loader, &stats), 0);
	assert_int_equal(stats.cpu, 3);
	assert_int_equal(stats.reasons, BF_STATS_REASONS);
	stats.cpu = CPUS;
	assert_int_equal(bf_loader_stats(&loader, &stats), BF_ENOENT);
	assert_int_equal(loader.report.code, BF_ENOENT);
	bf_loader_stop(&loader);
	loader.layout.log[2]->slot[7].seq = 99;
	assert_int_equal(bf_loader_log(&loader, &log), 0);
	assert_int_equal(log.count, 1);
	assert_int_equal(log.record[0].seq, 99);
	assert_int_equal(log.lost, 89);
	assert_int_equal(log.from, 100);
}

static void extensions(void **state)
{
	struct bf_ext_page page = {.first = 5};

	(void)state;
	/* An older VMM would raise #UD in the kernel: it is not even asked. */
	fake.hc_abi = 1;
	assert_int_equal(bf_loader_extensions(&loader, &page), BF_EVERSION);
	assert_string_equal(loader.report.what, "hypercall ABI of the VMM");
	assert_int_equal(loader.report.value, 1);
	assert_int_equal(fake.hypercalls, 1);
	fake.hc_abi = BF_HC_ABI;
	assert_int_equal(bf_loader_extensions(&loader, &page), 0);
	assert_int_equal(page.first, 5);
	assert_int_equal(page.total, 6);
	assert_int_equal(page.count, BF_EXT_PAGE_RECORDS);
	bf_loader_stop(&loader);
	assert_int_equal(bf_loader_extensions(&loader, &page), BF_ESTATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(life, setup),
		cmocka_unit_test_setup(wrong_states, setup),
		cmocka_unit_test_setup(start_fails_on_each_cpu, loaded),
		cmocka_unit_test_setup(start_lies, loaded),
		cmocka_unit_test_setup(init_fails, loaded),
		cmocka_unit_test_setup(nonsense_from_the_vmm, loaded),
		cmocka_unit_test_setup(unreachable_cpu, loaded),
		cmocka_unit_test_setup(busy, loaded),
		cmocka_unit_test_setup(out_of_memory, setup),
		cmocka_unit_test_setup(grown_machine, setup),
		cmocka_unit_test_setup(machine_fails, loaded),
		cmocka_unit_test_setup(bad_options, setup),
		cmocka_unit_test_setup(stop_refused, started),
		cmocka_unit_test_setup(one_halted, started),
		cmocka_unit_test_setup(rollback_refused, loaded),
		cmocka_unit_test_setup(cpu_goes_and_comes, started),
		cmocka_unit_test_setup(cpu_up_fails, started),
		cmocka_unit_test_setup(start_with_offline, loaded),
		cmocka_unit_test_setup(suspend_and_resume, started),
		cmocka_unit_test_setup(resume_fails, started),
		cmocka_unit_test_setup(suspend_refused, started),
		cmocka_unit_test_setup(log_and_stats, started),
		cmocka_unit_test_setup(extensions, started),
	};

	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
