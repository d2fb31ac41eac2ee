/* SPDX-License-Identifier: MIT */
/* The image's entry point and the start of the machine: what is refused, with which words. */
#include <bareframe/ext.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/entry.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include <bfvmm/ram.h>
#include "test.h"

static struct bf_log_page page;

static int setup(void **state)
{
	(void)state;
	mock_reset(&mock_amd, 2);
	return 0;
}

static bool logged(const char *text)
{
	bool found = false;

	memset(&page, 0, sizeof(page));
	while (bf_log_read(&page))
		for (uint32_t i = 0; i < page.count; i++)
			if (strstr(page.record[i].text, text))
				found = true;
	return found;
}

/* A loader's call, with the boot record as the test has left it. */
static int64_t call(struct bf_switch *sw, uint64_t op)
{
	return bf_vmm_entry((uint64_t)&mock_boot, sw, op);
}

static int64_t init(void)
{
	return call(&mock_switch[0], BF_OP_INIT);
}

static void expect_report(int64_t got, int code, const char *what, uint64_t value)
{
	assert_int_equal(got, code);
	assert_int_equal(mock_boot.report.code, code);
	assert_string_equal(mock_boot.report.what, what);
	assert_int_equal(mock_boot.report.value, value);
	assert_true(mock_boot.report.rule[0]);
	memset(&mock_boot.report, 0, sizeof(mock_boot.report));
}

/* A boot record of another release is not read any further. */
static void another_loader(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	mock_boot.version++;
	expect_report(init(), BF_EVERSION, "bf_boot.version", BF_BOOT_VERSION + 1);
	mock_boot.version--;
	mock_boot.size--;
	expect_report(init(), BF_EVERSION, "bf_boot.version", BF_BOOT_VERSION);
	mock_boot.size++;
	mock_boot.magic++;
	expect_report(init(), BF_EVERSION, "bf_boot.version", BF_BOOT_VERSION);
	mock_boot.magic--;
	assert_int_equal(init(), 0);
}

static void unknown_operation(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	expect_report(call(&mock_switch[0], 0), BF_EINVAL, "operation", 0);
	expect_report(call(&mock_switch[0], BF_OP_FINI + 1), BF_EINVAL, "operation",
		      BF_OP_FINI + 1);
}

/* A CPU number that no table here has room for must not be used as an index. */
static void unknown_cpu(void **state)
{
	struct bf_switch sw;

	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	sw = mock_switch[0];
	sw.cpu = BF_MAX_CPUS;
	assert_int_equal(call(&sw, BF_OP_START), BF_ERANGE);
	sw.cpu = UINT64_MAX;
	assert_int_equal(call(&sw, BF_OP_START), BF_ERANGE);
}

static void tables_too_long(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	mock_boot.cpu_count = 0;
	expect_report(init(), BF_ERANGE, "bf_boot.cpu_count", 0);
	mock_boot.cpu_count = BF_MAX_CPUS + 1;
	expect_report(init(), BF_ERANGE, "bf_boot.cpu_count", BF_MAX_CPUS + 1);
	mock_boot.cpu_count = 2;
	mock_boot.region_count = BF_MAX_REGIONS + 1;
	expect_report(init(), BF_ERANGE, "bf_boot.region_count", BF_MAX_REGIONS + 1);
	mock_boot.region_count = 1;
	mock_boot.pool_count = BF_MAX_EXTENTS + 1;
	expect_report(init(), BF_ERANGE, "bf_boot.pool_count", BF_MAX_EXTENTS + 1);
	mock_boot.pool_count = 1;
	mock_boot.owned_count = UINT32_MAX;
	expect_report(init(), BF_ERANGE, "bf_boot.owned_count", UINT32_MAX);
	mock_boot.owned_count = 1;
	assert_int_equal(init(), 0);
	assert_int_equal(bf_cpu_count(), 2);
}

static void no_virtualization(void **state)
{
	(void)state;
	mock_reset_with(&mock_amd, 1, MOCK_VIRT, 0);
	assert_int_equal(mock_vmm_init(""), BF_ENOVIRT);
	expect_report(BF_ENOVIRT, BF_ENOVIRT, "CPUID", 0);
	assert_null(bf_control_vm);
}

/* The first report is the most exact one: what fails because of it must not replace it. */
static void first_report_stays(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	assert_int_equal(call(&mock_switch[1], 77), BF_EINVAL);
	mock_boot.version++;
	assert_int_equal(init(), BF_EVERSION);
	assert_int_equal(mock_boot.report.code, BF_EINVAL);
	assert_int_equal(mock_boot.report.cpu, 1);
	expect_report(BF_EINVAL, BF_EINVAL, "operation", 77);
}

/* BF_OP_START before BF_OP_INIT, and twice on one CPU. */
static void out_of_order(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_init(""), 0);
	assert_int_equal(call(&mock_switch[0], BF_OP_FINI), 0);
	assert_null(bf_control_vm);
	expect_report(call(&mock_switch[1], BF_OP_START), BF_ESTATE, "BF_OP_START", 1);
	/* Nothing is there to be taken down, and nothing breaks. */
	assert_int_equal(call(&mock_switch[0], BF_OP_FINI), 0);
	assert_int_equal(mock_vmm_start(""), 0);
	expect_report(call(&mock_switch[0], BF_OP_START), BF_ESTATE, "BF_OP_START", 0);
	assert_true(mock_switch[0].running);
	assert_int_equal(mock_vmm_stop(), 0);
}

/* An NMI that came while the CPU was between the worlds is the guest's, or the loader's again. */
static void nmi_between_the_worlds(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		mock_reset(mock_profiles[p], 1);
		assert_int_equal(mock_vmm_init(""), 0);
		mock_switch[0].nmi_pending = 1;
		mock.fault.entry = 1;
		assert_int_not_equal(mock_vmm_start_cpu(0), 0);
		assert_int_equal(mock_switch[0].nmi_pending, 1);
		assert_false(mock_switch[0].running);
		mock_switch[0].nmi_pending = 0;
		memset(&mock_boot.report, 0, sizeof(mock_boot.report));
		assert_int_equal(mock_vmm_start_cpu(0), 0);
		bf_vcpu_pend(mock_vcpu(), BF_PENDING_NMI);
		assert_int_equal(mock_vmm_stop(), 0);
		assert_int_equal(mock_switch[0].nmi_pending, 1);
	}
}

static void log_levels(void **state)
{
	static const struct {
		uint64_t level;
		bool debug, info;
	} rows[] = {{BF_LOG_ERROR, false, false}, {BF_LOG_WARN, false, false},
		    {BF_LOG_INFO, false, true},   {BF_LOG_DEBUG, true, true},
		    {BF_LOG_LEVELS, false, true}, {UINT64_MAX, false, true}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		assert_int_equal(mock_vmm_init(""), 0);
		mock_boot.log_level = rows[i].level;
		assert_int_equal(init(), 0);
		bf_debug("finer words");
		assert_int_equal(logged("finer words"), rows[i].debug);
		assert_int_equal(logged("Bareframe VMM"), rows[i].info);
	}
}

static void serial_ports(void **state)
{
	static const struct {
		const char *option, *warning;
		uint16_t port; /* 0: none gets a byte */
	} rows[] = {
		{"", NULL, 0},
		{"serial=0", NULL, 0},
		{"serial=0x3f8", NULL, 0x3f8},
		{"serial=0xfff8", NULL, 0xfff8},
		{"serial=0xfff9", "option serial: there is no port 0xfff9", 0},
		{"serial=0x103f8", "option serial: there is no port 0x103f8", 0},
		{"serial=COM1", "option \"serial=COM1\" gives no number", 0},
		{"serail=0x3f8", "option \"serail=0x3f8\" is unknown", 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		memset(mock.port_in, 0x20, sizeof(mock.port_in));
		assert_int_equal(mock_vmm_init(rows[i].option), 0);
		assert_row(!!mock.out_count == !!rows[i].port, rows[i].option);
		if (rows[i].warning)
			assert_row(logged(rows[i].warning), rows[i].option);
		else
			assert_row(!logged("option serial:"), rows[i].option);
	}
}

/* Options that the VMM itself knows are known before the first CPU starts. */
static void fail_cpu(void **state)
{
	(void)state;
	assert_int_equal(mock_vmm_start("fail_cpu=1"), BF_EFAULTINJ);
	assert_false(logged("is unknown"));
	assert_true(mock_switch[0].running);
	assert_false(mock_switch[1].running);
	expect_report(BF_EFAULTINJ, BF_EFAULTINJ, "fail_cpu", 1);
	setup(state);
	assert_int_equal(mock_vmm_start("fail_cpu=one"), 0);
	assert_true(logged("option \"fail_cpu=one\" gives no number"));
	assert_int_equal(mock_vmm_stop(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(another_loader, setup),
		cmocka_unit_test_setup(unknown_operation, setup),
		cmocka_unit_test_setup(unknown_cpu, setup),
		cmocka_unit_test_setup(tables_too_long, setup),
		cmocka_unit_test_setup(no_virtualization, setup),
		cmocka_unit_test_setup(first_report_stays, setup),
		cmocka_unit_test_setup(out_of_order, setup),
		cmocka_unit_test_setup(nmi_between_the_worlds, setup),
		cmocka_unit_test_setup(log_levels, setup),
		cmocka_unit_test_setup(serial_ports, setup),
		cmocka_unit_test_setup(fail_cpu, setup),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
