/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os_linux_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_BYTES 512

#define IA32_FEATURE_CONTROL     0x3aU
#define IA32_VMX_PROCBASED_CTLS  0x482U
#define IA32_VMX_PROCBASED_CTLS2 0x48bU
#define EFER                     0xc0000080U
#define VM_CR                    0xc0010114U

static int open_msrs(const char *root, uint32_t cpu)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/dev/cpu/%" PRIu32 "/msr", root, cpu);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* @fd may be the failure of open_msrs(), with errno still set. */
static void read_msr(int fd, uint32_t number, struct bfm_msr *msr)
{
	ssize_t count = -1;

	msr->value = 0;
	if (fd >= 0)
		count = pread(fd, &msr->value, sizeof(msr->value), (off_t)number);
	if (count == sizeof(msr->value))
		msr->error = 0;
	else
		msr->error = count < 0 ? errno : EIO;
}

static void read_cpu(int fd, struct bfm_facts *facts, uint32_t at)
{
	read_msr(fd, facts->cpu.vmx ? IA32_FEATURE_CONTROL : VM_CR, &facts->firmware[at]);
	if (facts->cpu.svm)
		read_msr(fd, EFER, &facts->efer[at]);
	if (facts->cpu.vmx && at == 0) {
		read_msr(fd, IA32_VMX_PROCBASED_CTLS, &facts->vmx_primary);
		read_msr(fd, IA32_VMX_PROCBASED_CTLS2, &facts->vmx_secondary);
	}
}

void bfm_linux_msrs(const char *root, struct bfm_facts *facts)
{
	if (!facts->cpu.vmx && !facts->cpu.svm)
		return;
	for (uint32_t at = 0; at < facts->cpus && at < BF_MAX_CPUS; at++) {
		int fd = open_msrs(root, facts->cpu_number[at]);

		read_cpu(fd, facts, at);
		if (fd >= 0)
			close(fd);
	}
}
