/* SPDX-License-Identifier: MIT */
/* RDMSR in ring 0, implemented or not, inside and outside the ranges that MSR bitmaps cover. */
#include "msr.h"
#include "probe.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define EFER      0xc0000080u
#define EFER_SVME (1u << 12)
#define IN_PAGE   0xfffu

int msr_device(void)
{
	static int device = -1;
	char path[40];

	if (device >= 0)
		return device;
	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", probe_cpu);
	device = open(path, O_RDWR | O_CLOEXEC);
	return device < 0 ? -errno : device;
}

int msr_read(uint32_t number, uint64_t *value)
{
	int device = msr_device();

	*value = 0;
	if (device < 0)
		return device;
	return pread(device, value, sizeof(*value), number) == sizeof(*value) ? 0 : -errno;
}

int msr_write(uint32_t number, uint64_t value)
{
	int device = msr_device();

	if (device < 0)
		return device;
	return pwrite(device, &value, sizeof(value), number) == sizeof(value) ? 0 : -errno;
}

static void report_value(const char *name, enum msr_kind kind, uint64_t value)
{
	switch (kind) {
	case MSR_ALIVE:
		report(name, "ok");
		break;
	case MSR_ADDRESS:
		report(name, "%s+%#" PRIx64,
		       value >> 63 ? "kernel"
		       : value     ? "user"
				   : "zero",
		       value >> 63 ? value & IN_PAGE : 0);
		break;
	default:
		report(name, "%#" PRIx64, value);
	}
}

static void report_msr(const struct msr *msr)
{
	uint64_t value;
	int error = msr_read(msr->number, &value);
	char name[32];

	snprintf(name, sizeof(name), "%smsr-%#x", msr->kind == MSR_VIRT ? "virt-" : "",
		 msr->number);
	if (error)
		report(name, "%s", errno_name(-error));
	else
		report_value(name, msr->kind, value);
}

static void probe_msr_list(const struct probe *probe)
{
	int device = msr_device();

	if (device < 0) {
		report(probe->name, "no device: %s", errno_name(-device));
		return;
	}
	for (unsigned int i = 0; i < msr_list_length; i++)
		report_msr(&msr_list[i]);
}

/* EFER without the bit that turns SVM on. */
static void probe_efer(const struct probe *probe)
{
	uint64_t value;
	int error = msr_read(EFER, &value);

	if (error)
		report(probe->name, "%s", errno_name(-error));
	else
		report(probe->name, "%#" PRIx64, value & ~(uint64_t)EFER_SVME);
}

static const struct probe probes[] = {
	{.name = "msr-read-list", .run = probe_msr_list},
	{.name = "msr-efer-without-svme", .run = probe_efer},
};

PROBE_GROUP(msr);
