/* SPDX-License-Identifier: MIT */
/* The control device and the driver under Linux. */
#define _GNU_SOURCE
#include "os.h"

#include <bfabi/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DRIVER_WAIT_MS 3000
#define DRIVER_STEP_MS 50

static const unsigned long requests[OS_REQUESTS] = {
	[OS_VERSION] = BF_IOC_VERSION,
	[OS_LOAD] = BF_IOC_LOAD,
	[OS_START] = BF_IOC_START,
	[OS_STOP] = BF_IOC_STOP,
	[OS_UNLOAD] = BF_IOC_UNLOAD,
	[OS_STATUS] = BF_IOC_STATUS,
	[OS_LOG] = BF_IOC_LOG,
	[OS_STATS] = BF_IOC_STATS,
	[OS_EXTENSIONS] = BF_IOC_EXTENSIONS,
};

int os_device_open(struct os_device *device, const char *path)
{
	/* O_NONBLOCK keeps a FIFO or a terminal line given by mistake from holding us up. */
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	device->handle = fd;
	return fd < 0 ? errno : 0;
}

int os_device_request(struct os_device *device, enum os_request request, void *record)
{
	return ioctl((int)device->handle, requests[request], record) < 0 ? errno : 0;
}

void os_device_close(struct os_device *device)
{
	close((int)device->handle);
}

void os_sleep_ms(unsigned int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

/* In the child: modprobe with all that it says going to @output. */
static void become_modprobe(int output)
{
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/* A user's PATH need not have sbin, where modprobe lives. */
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execlp("modprobe", "modprobe", BF_DEVICE, (char *)NULL);
	dprintf(STDERR_FILENO, "modprobe cannot be run");
	_exit(127);
}

/* Adds a piece of what was said; its lines become one. */
static void add_said(struct bfm_text *said, const char *bytes, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		size_t size = 0;

		while (at + size < count && bytes[at + size] != '\n')
			size++;
		if (size && said->length)
			bfm_text_add(said, "; ");
		bfm_text_clean(said, bytes + at, size);
		at += size;
	}
}

static void read_all(int from, struct bfm_text *said)
{
	struct bfm_text raw = {0};
	char buffer[256];
	ssize_t count;

	do {
		count = read(from, buffer, sizeof(buffer));
		if (count > 0)
			bfm_text_bytes(&raw, buffer, (size_t)count);
	} while (count > 0 || (count < 0 && errno == EINTR));
	add_said(said, bfm_text_get(&raw), raw.length);
	bfm_text_free(&raw);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : ENODEV;
}

static int run_modprobe(struct bfm_text *said)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	child = fork();
	if (!child)
		become_modprobe(ends[1]);
	close(ends[1]);
	if (child > 0)
		read_all(ends[0], said);
	close(ends[0]);
	return child > 0 ? wait_for(child) : errno;
}

int os_driver_load(const char *device, struct bfm_text *said)
{
	int error = run_modprobe(said);

	if (error)
		return error;
	for (unsigned int ms = 0; ms < DRIVER_WAIT_MS; ms += DRIVER_STEP_MS) {
		if (!access(device, F_OK))
			return 0;
		os_sleep_ms(DRIVER_STEP_MS);
	}
	bfm_text_add(said, said->length ? "; " : "");
	bfm_text_add(said, "the driver is loaded, but its device does not appear");
	return ENOENT;
}
