/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <bfabi/ioctl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "require.h"

#define SET(field, text) snprintf(field, sizeof(field), "%s", text)

/* A bare machine of either vendor on which all is well; each test spoils one thing. */
static struct bfm_facts good(bool intel)
{
	struct bfm_facts facts = {0};

	SET(facts.cpu.vendor, intel ? "GenuineIntel" : "AuthenticAMD");
	facts.cpu.long_mode = true;
	facts.cpu.vmx = intel;
	facts.cpu.svm = !intel;
	facts.cpus = 2;
	facts.cpus_possible = 4;
	facts.cpu_number[1] = 5;
	facts.firmware[0].value = facts.firmware[1].value = intel ? 5 : 8;
	SET(facts.kernel.release, "6.1.0-28-amd64");
	SET(facts.kernel.machine, "x86_64");
	facts.kernel.major = 6;
	facts.kernel.minor = 1;
	facts.kernel.lockdown = BFM_LOCKDOWN_NONE;
	facts.kernel.signed_only = BFM_NO;
	facts.driver.installed = BFM_YES;
	facts.root = true;
	facts.capable = BFM_YES;
	facts.memory_free = 1UL << 30;
	return facts;
}

static const struct bfm_requirement *find(const char *id)
{
	for (const struct bfm_requirement *r = bfm_requirements; r->id; r++)
		if (!strcmp(r->id, id))
			return r;
	fail_msg("no requirement %s", id);
	return NULL;
}

static void expect(const struct bfm_facts *facts, const char *id, enum bfm_verdict verdict,
		   const char *message, const char *remedy)
{
	struct bfm_finding finding;

	bfm_judge(find(id), facts, &finding);
	assert_int_equal(finding.verdict, verdict);
	assert_non_null(strstr(bfm_text_get(&finding.message), message));
	assert_non_null(strstr(bfm_text_get(&finding.remedy), remedy));
	if (verdict == BFM_UNCLEAR)
		assert_true(finding.remedy.length > 0);
	bfm_finding_free(&finding);
}

static unsigned int missing(const struct bfm_facts *facts)
{
	struct bfm_text text = {0};
	unsigned int in_text = bfm_check_text(&text, facts, false);
	unsigned int in_json = bfm_check_json(&text, facts);

	assert_int_equal(in_text, in_json);
	bfm_text_free(&text);
	return in_text;
}

static void a_good_machine_is_ready(void **state)
{
	struct bfm_facts intel = good(true), amd = good(false);
	struct bfm_text text = {0};

	(void)state;
	assert_int_equal(missing(&intel), 0);
	assert_int_equal(missing(&amd), 0);
	assert_int_equal(bfm_check_text(&text, &amd, true), 0);
	assert_string_equal(bfm_text_get(&text), "");
	bfm_check_text(&text, &amd, false);
	assert_non_null(strstr(bfm_text_get(&text), "all 11 requirements are met"));
	bfm_text_free(&text);
}

static void wants_a_cpu_that_can(void **state)
{
	struct bfm_facts facts = good(true);

	(void)state;
	facts.cpu.vmx = false;
	expect(&facts, "cpu-virtualization", BFM_UNMET, "neither VMX nor SVM", "AMD-V");
	facts.cpu.under_hypervisor = true;
	SET(facts.cpu.hypervisor, "KVMKVMKVM");
	expect(&facts, "cpu-virtualization", BFM_UNMET, "GenuineIntel", "KVMKVMKVM");
	expect(&facts, "firmware", BFM_UNMET, "nothing to switch on", "");
	facts.cpu.long_mode = false;
	expect(&facts, "cpu-64bit", BFM_UNMET, "long mode", "64-bit");
	assert_int_equal(missing(&facts), 3);
}

static void firmware_speaks_for_each_cpu(void **state)
{
	struct bfm_facts intel = good(true), amd = good(false);

	(void)state;
	intel.firmware[0].value = 0;
	expect(&intel, "firmware", BFM_MET, "IA32_FEATURE_CONTROL", "");
	intel.firmware[1].value = 3;
	expect(&intel, "firmware", BFM_UNMET, "CPU 5: IA32_FEATURE_CONTROL = 0x3",
	       "firmware setup");
	amd.firmware[1].value = 0x18;
	expect(&amd, "firmware", BFM_UNMET, "CPU 5: VM_CR = 0x18: SVM is switched off (SVMDIS) and",
	       "SVM Mode");
	amd.cpu.under_hypervisor = true;
	expect(&amd, "firmware", BFM_UNMET, "VM_CR", "hypervisor outside");
	amd.driver.state = BF_STATE_RUNNING;
	expect(&amd, "firmware", BFM_MET, "", "");
}

static void without_msrs_the_kernel_is_asked(void **state)
{
	struct bfm_facts intel = good(true), amd = good(false);

	(void)state;
	intel.firmware[1].error = ENOENT;
	expect(&intel, "firmware", BFM_UNCLEAR, "CPU 5", "modprobe msr");
	intel.firmware[1].error = EACCES;
	expect(&intel, "firmware", BFM_UNCLEAR, "CPU 5", "as root");
	intel.kernel.sees_vmx = BFM_YES;
	expect(&intel, "firmware", BFM_MET, "kernel", "");
	intel.kernel.sees_vmx = BFM_NO;
	expect(&intel, "firmware", BFM_UNMET, "kernel", "firmware setup");
	intel.firmware[0].value = 1;
	expect(&intel, "firmware", BFM_UNMET, "CPU 0: IA32_FEATURE_CONTROL = 0x1",
	       "firmware setup");

	amd.firmware[0].error = EACCES;
	amd.kernel.sees_svm = BFM_YES;
	expect(&amd, "firmware", BFM_UNCLEAR, "VM_CR", "as root");
	amd.kernel.minor = 12;
	expect(&amd, "firmware", BFM_MET, "kernel", "");
	amd.kernel.sees_svm = BFM_NO;
	expect(&amd, "firmware", BFM_UNMET, "kernel", "SVM Mode");
}

static void other_hypervisors_must_let_go(void **state)
{
	struct bfm_facts facts = good(true);
	struct bfm_facts amd = good(false);

	(void)state;
	facts.rival[BFM_KVM_INTEL].present = true;
	expect(&facts, "other-hypervisor", BFM_MET, "kvm_intel is loaded but not in use", "");
	facts.kernel.kvm_at_load = BFM_YES;
	expect(&facts, "other-hypervisor", BFM_UNMET, "enable_virt_at_load",
	       "modprobe -r kvm_intel");
	facts.rival[BFM_KVM_INTEL].users = 2;
	expect(&facts, "other-hypervisor", BFM_UNMET, "kvm_intel is in use (2 users)",
	       "modprobe -r");
	facts.driver.state = BF_STATE_RUNNING;
	expect(&facts, "other-hypervisor", BFM_MET, "bfm", "");

	amd.efer[1].value = 0x1d01;
	expect(&amd, "other-hypervisor", BFM_UNMET, "CPU 5: EFER = 0x1d01", "lsmod");
	amd.efer[1].error = EIO;
	expect(&amd, "other-hypervisor", BFM_MET, "none", "");
	amd.rival[BFM_XEN].present = true;
	amd.rival[BFM_XEN].users = -1;
	expect(&amd, "other-hypervisor", BFM_UNMET, "xen holds", "without Xen");
}

static void the_kernel_must_take_the_driver(void **state)
{
	struct bfm_facts facts = good(true);

	(void)state;
	facts.kernel.signed_only = BFM_YES;
	facts.driver.signature = BFM_NO;
	expect(&facts, "module-signature", BFM_UNMET, "sig_enforce", "module.sig_enforce");
	facts.kernel.signed_only = BFM_NO;
	facts.kernel.lockdown = BFM_LOCKDOWN_INTEGRITY;
	facts.kernel.secure_boot = BFM_YES;
	expect(&facts, "module-signature", BFM_UNMET, "lockdown: integrity", "mokutil");
	facts.driver.signature = BFM_YES;
	expect(&facts, "module-signature", BFM_MET, "is signed", "");
	facts.driver.signature = BFM_UNKNOWN;
	expect(&facts, "module-signature", BFM_UNCLEAR, "may be signed", "modinfo");
	facts.driver.installed = BFM_NO;
	expect(&facts, "module-signature", BFM_UNMET, "may be signed", "mokutil");
	facts.driver.loaded = true;
	expect(&facts, "module-signature", BFM_MET, "already", "");
	SET(facts.kernel.machine, "i686");
	expect(&facts, "kernel", BFM_UNMET, "i686", "x86_64");
}

static void the_driver_must_answer(void **state)
{
	struct bfm_facts facts = good(true);
	struct bfm_driver_facts *driver = &facts.driver;

	(void)state;
	driver->installed = BFM_NO;
	expect(&facts, "driver", BFM_UNMET, "6.1.0-28-amd64", "insmod");
	expect(&facts, "device", BFM_MET, "comes with the driver", "");
	driver->loaded = true;
	expect(&facts, "driver", BFM_MET, "loaded", "");
	expect(&facts, "device", BFM_UNMET, "not there", "devtmpfs");
	driver->device_there = true;
	driver->open_error = EACCES;
	expect(&facts, "device", BFM_UNCLEAR, "only root", "as root");
	driver->open_error = EIO;
	expect(&facts, "device", BFM_UNMET, "cannot be opened", "kernel's log");
	driver->open_error = 0;
	driver->abi = BF_IOCTL_ABI + 1;
	expect(&facts, "device", BFM_UNMET, "does not speak", "one release");
	driver->abi = BF_IOCTL_ABI;
	expect(&facts, "device", BFM_MET, "no image is loaded", "");
	driver->state = 99;
	expect(&facts, "device", BFM_MET, "answers", "");
}

static void counts_rights_and_resources(void **state)
{
	struct bfm_facts facts = good(true);

	(void)state;
	expect(&facts, "cpu-count", BFM_MET, "2 online, up to 4 possible", "");
	facts.cpus_possible = 512;
	expect(&facts, "cpu-count", BFM_UNMET, "512", "nr_cpus=256");
	facts.cpus = 0;
	expect(&facts, "cpu-count", BFM_UNCLEAR, "", "/sys");
	expect(&facts, "firmware", BFM_UNCLEAR, "", "");
	facts.memory_free = 1 << 20;
	expect(&facts, "memory", BFM_UNMET, "1 MiB free", "programs");
	facts.memory_free = 0;
	expect(&facts, "memory", BFM_UNCLEAR, "", "/proc");
	facts.capable = BFM_NO;
	expect(&facts, "root", BFM_UNMET, "CAP_SYS_ADMIN", "container");
	facts.root = false;
	expect(&facts, "root", BFM_UNMET, "not root", "sudo");
}

static void lists_optional_features(void **state)
{
	struct bfm_facts intel = good(true), amd = good(false);

	(void)state;
	intel.vmx_primary.value = 1UL << 63;
	intel.vmx_secondary.value = 0xa2UL << 32;
	expect(&intel, "cpu-features", BFM_NOTE, "EPT, VPID, unrestricted guest", "");
	intel.vmx_secondary.error = EIO;
	expect(&intel, "cpu-features", BFM_NOTE, "cannot be read", "");
	intel.vmx_primary.value = 0;
	expect(&intel, "cpu-features", BFM_NOTE, "no optional feature", "");
	amd.cpu.svm_leaf.edx = 0x10009;
	amd.cpu.svm_leaf.ebx = 16;
	expect(&amd, "cpu-features", BFM_NOTE, "NPT, next RIP, vGIF; 16 ASIDs", "");
}

static void decodes_cpuid(void **state)
{
	struct bfm_cpuid raw = {0};
	struct bfm_cpu_facts cpu;

	(void)state;
	raw.vendor = (struct bfm_leaf){0, 0x68747541, 0x444d4163, 0x69746e65};
	raw.extended.ecx = 1 << 2;
	raw.extended.edx = 1 << 29;
	raw.svm.edx = 1;
	raw.features.ecx = 1U << 31;
	raw.hypervisor = (struct bfm_leaf){0, 0x4b4d564b, 0x564b4d56, 0x4d};
	bfm_cpu_decode(&raw, &cpu);
	assert_string_equal(cpu.vendor, "AuthenticAMD");
	assert_string_equal(cpu.hypervisor, "KVMKVMKVM");
	assert_true(cpu.svm && cpu.long_mode && cpu.under_hypervisor && !cpu.vmx);
	assert_int_equal(cpu.svm_leaf.edx, 1);
	raw.extended.ecx = 0;
	raw.features.ecx = 1 << 5;
	bfm_cpu_decode(&raw, &cpu);
	assert_true(cpu.vmx && !cpu.svm && !cpu.under_hypervisor);
	assert_int_equal(cpu.svm_leaf.edx, 0);
	assert_string_equal(cpu.hypervisor, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_machine_is_ready),
		cmocka_unit_test(wants_a_cpu_that_can),
		cmocka_unit_test(firmware_speaks_for_each_cpu),
		cmocka_unit_test(without_msrs_the_kernel_is_asked),
		cmocka_unit_test(other_hypervisors_must_let_go),
		cmocka_unit_test(the_kernel_must_take_the_driver),
		cmocka_unit_test(the_driver_must_answer),
		cmocka_unit_test(counts_rights_and_resources),
		cmocka_unit_test(lists_optional_features),
		cmocka_unit_test(decodes_cpuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
