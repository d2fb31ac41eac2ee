/* SPDX-License-Identifier: MIT */
/* Facts from a small file system of our own. */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os_linux_facts.h"

static char root[] = "/tmp/bfm-test-XXXXXX";

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static void put(const char *path, uint64_t offset, const void *bytes, size_t count)
{
	char name[512];
	int fd;

	snprintf(name, sizeof(name), "%s%s", root, path);
	make_folders(name);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, count, (off_t)offset), count);
	close(fd);
}

static void put_text(const char *path, const char *text)
{
	put(path, 0, text, strlen(text));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static int make_root(void **state)
{
	(void)state;
	memset(root + sizeof(root) - 7, 'X', 6);
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void an_empty_system_gives_no_facts(void **state)
{
	struct bfm_facts facts = {.cpu.vmx = true};

	(void)state;
	bfm_linux_facts(root, &facts);
	assert_int_equal(facts.cpus, 0);
	assert_int_equal(facts.memory_free, 0);
	assert_int_equal(facts.kernel.lockdown, BFM_LOCKDOWN_UNKNOWN);
	assert_int_equal(facts.kernel.secure_boot, BFM_UNKNOWN);
	assert_false(facts.driver.loaded);
	assert_int_equal(facts.driver.installed, BFM_NO);
	assert_false(facts.rival[BFM_KVM_INTEL].present);
}

static void reads_the_kernel(void **state)
{
	struct bfm_facts facts = {0};

	(void)state;
	put_text("/sys/devices/system/cpu/online", "0,2\n");
	put_text("/sys/devices/system/cpu/possible", "0-3\n");
	put_text("/proc/meminfo", "MemAvailable: 4 kB\n");
	put_text("/proc/cpuinfo", "flags\t\t: fpu svm\n");
	put_text("/proc/cmdline", "module.sig_enforce lockdown=confidentiality\n");
	put("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", 0,
	    "\6\0\0\0\1", 5);
	put_text("/sys/module/kvm/parameters/enable_virt_at_load", "Y\n");
	bfm_linux_facts(root, &facts);
	assert_int_equal(facts.cpus, 2);
	assert_int_equal(facts.cpu_number[1], 2);
	assert_int_equal(facts.cpus_possible, 4);
	assert_int_equal(facts.memory_free, 4096);
	assert_int_equal(facts.kernel.sees_svm, BFM_YES);
	assert_int_equal(facts.kernel.sees_vmx, BFM_NO);
	assert_int_equal(facts.kernel.signed_only, BFM_YES);
	assert_int_equal(facts.kernel.lockdown, BFM_LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(facts.kernel.secure_boot, BFM_YES);
	assert_int_equal(facts.kernel.kvm_at_load, BFM_YES);
}

static void reads_modules(void **state)
{
	struct bfm_facts facts = {.kernel.release = "9.9"};

	(void)state;
	put_text("/sys/module/kvm_amd/refcnt", "3\n");
	put_text("/sys/module/kvm_intel/parameters/nested", "Y\n");
	put_text("/sys/hypervisor/type", "xen\n");
	put_text("/lib/modules/9.9/modules.dep", "updates/bareframe.ko:\n");
	put_text("/lib/modules/9.9/updates/bareframe.ko", "ELF");
	bfm_linux_modules(root, &facts);
	assert_int_equal(facts.rival[BFM_KVM_AMD].users, 3);
	assert_true(facts.rival[BFM_KVM_INTEL].present);
	assert_int_equal(facts.rival[BFM_KVM_INTEL].users, -1);
	assert_true(facts.rival[BFM_XEN].present);
	assert_int_equal(facts.driver.installed, BFM_YES);
	assert_int_equal(facts.driver.signature, BFM_NO);
	put_text("/lib/modules/9.9/updates/bareframe.ko", "ELF~Module signature appended~\n");
	put_text("/sys/module/bareframe/refcnt", "0\n");
	bfm_linux_modules(root, &facts);
	assert_int_equal(facts.driver.signature, BFM_YES);
	assert_true(facts.driver.loaded);
}

static void reads_registers(void **state)
{
	struct bfm_facts facts = {.cpu.svm = true, .cpus = 3, .cpu_number = {0, 2, 3}};
	uint64_t vm_cr = 0x18, efer = 0x1d01;

	(void)state;
	put("/dev/cpu/0/msr", 0xc0010114, &vm_cr, 8);
	put("/dev/cpu/0/msr", 0xc0000080, &efer, 8);
	put("/dev/cpu/2/msr", 0, &vm_cr, 8);
	bfm_linux_msrs(root, &facts);
	assert_int_equal(facts.firmware[0].error, 0);
	assert_int_equal(facts.firmware[0].value, vm_cr);
	assert_int_equal(facts.efer[0].value, efer);
	assert_int_equal(facts.firmware[1].error, EIO);
	assert_int_equal(facts.firmware[2].error, ENOENT);
	assert_int_equal(facts.efer[2].error, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_system_gives_no_facts, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(reads_the_kernel, make_root, remove_root),
		cmocka_unit_test_setup_teardown(reads_modules, make_root, remove_root),
		cmocka_unit_test_setup_teardown(reads_registers, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
