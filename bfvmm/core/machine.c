/* SPDX-License-Identifier: MIT */
/* What happens once at the start, before any CPU is virtualized, and once at the end. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bareframe/version.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/guest.h>
#include <bfvmm/hooks.h>
#include <bfvmm/log.h>
#include <bfvmm/machine.h>
#include <bfvmm/mem.h>
#include <bfvmm/option.h>
#include <bfvmm/ram.h>
#include <bfvmm/report.h>
#include <bfvmm/s2.h>
#include <bfvmm/serial.h>

static int check_boot(const struct bf_boot *boot, struct bf_report *report)
{
	const struct {
		const char *name;
		uint64_t count, least, most;
	} tables[] = {
		{"bf_boot.cpu_count", boot->cpu_count, 1, BF_MAX_CPUS},
		{"bf_boot.region_count", boot->region_count, 0, BF_MAX_REGIONS},
		{"bf_boot.pool_count", boot->pool_count, 0, BF_MAX_EXTENTS},
		{"bf_boot.owned_count", boot->owned_count, 0, BF_MAX_EXTENTS},
	};

	for (uint32_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i].count < tables[i].least || tables[i].count > tables[i].most)
			return bf_report(report, BF_ERANGE, tables[i].name, tables[i].count,
					 "%lu … %lu expected", tables[i].least, tables[i].most);
	return 0;
}

static int choose_backend(struct bf_report *report)
{
	for (uint32_t i = 0; bf_hv_backends[i]; i++) {
		if (!bf_hv_backends[i]->present())
			continue;
		bf_hv = bf_hv_backends[i];
		return bf_hv->setup(report);
	}
	return bf_report(report, BF_ENOVIRT, "CPUID", 0,
			 "neither CPUID.1:ECX.VMX nor CPUID.80000001H:ECX.SVM is set: use a CPU "
			 "with VT-x or AMD-V, or let the outer hypervisor offer it");
}

static void start_serial(void)
{
	uint64_t port = bf_option_number("serial", 0);

	if (port > UINT16_MAX - BF_SERIAL_PORTS + 1)
		bf_warn("option serial: there is no port 0x%lx; the log goes to no UART", port);
	else
		bf_log_serial((uint16_t)port);
}

static void start_log(const struct bf_boot *boot)
{
	uint64_t level = boot->log_level < BF_LOG_LEVELS ? boot->log_level : BF_LOG_INFO;

	bf_log_init((void *)BF_VA_LOG, boot->cpu_count, level);
	bf_option_init(boot->cmdline);
	start_serial();
}

int bf_machine_init(struct bf_boot *boot)
{
	int status = check_boot(boot, &boot->report);

	if (status)
		return status;
	bf_cpu_count_set(boot->cpu_count);
	start_log(boot);
	bf_info("Bareframe VMM %s, boot ABI %u, %u CPUs, options \"%s\"", BF_VERSION_TEXT,
		BF_BOOT_VERSION, boot->cpu_count, boot->cmdline);
	bf_ram_init(boot);
	bf_guest_walk_setup();
	bf_pool_init(boot->pool, boot->pool_count);
	bf_heap_init();
	bf_hooks_reset();
	bf_s2_rules_reset();
	bf_extensions_reset();
	bf_calls_reset(boot->cpu_count);
	bf_apic_init(boot->apic_pa);
	bf_cpu_options();
	status = choose_backend(&boot->report);
	if (!status)
		status = bf_extensions_init(&boot->report);
	bf_calls_seal();
	if (!status)
		status = bf_control_vm_create(boot->cpu_count, &boot->report);
	if (status)
		return status;
	bf_info("%s, second-level tables %s, pool %lu of %lu pages used", bf_hv->name,
		bf_control_vm->s2_root ? "on" : "off", bf_pool_used(), bf_pool_total());
	bf_option_report();
	return 0;
}

int bf_machine_fini(struct bf_boot *boot)
{
	(void)boot;
	bf_life_event(BF_LIFE_VMM_STOP, 0);
	bf_control_vm_destroy();
	bf_info("stopped");
	return 0;
}
