/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os.h"

#include <bfabi/ioctl.h>
#include <unistd.h>

#include "os_linux_facts.h"

static void ask_driver(struct os_device *device, struct bfm_driver_facts *driver)
{
	struct bf_ioctl_version version = {0};
	struct bf_ioctl_status status = {.size = sizeof(status)};

	driver->request_error = os_device_request(device, OS_VERSION, &version);
	driver->abi = version.abi;
	if (driver->request_error || driver->abi != BF_IOCTL_ABI)
		return;
	if (!os_device_request(device, OS_STATUS, &status))
		driver->state = status.state;
}

static void read_device(const char *path, struct bfm_driver_facts *driver)
{
	struct os_device device;

	driver->device_there = !access(path, F_OK);
	if (!driver->device_there)
		return;
	driver->open_error = os_device_open(&device, path);
	if (driver->open_error)
		return;
	ask_driver(&device, driver);
	os_device_close(&device);
}

void os_facts(struct bfm_facts *facts, const char *device)
{
	struct bfm_cpuid raw;

	*facts = (struct bfm_facts){0};
	bfm_cpu_read(&raw);
	bfm_cpu_decode(&raw, &facts->cpu);
	bfm_linux_facts("", facts);
	read_device(device, &facts->driver);
}
