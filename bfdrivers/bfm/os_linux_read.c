/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os_linux_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "parse_linux.h"

#define SMALL          4096
#define PROC_CPUINFO   (64U << 10) /* the first CPU is enough */
#define CAP_SYS_MODULE 16
#define CAP_SYS_ADMIN  21

static int read_some(int fd, size_t limit, struct bfm_text *text)
{
	char buffer[4096];
	ssize_t count;

	while (text->length < limit) {
		count = read(fd, buffer, sizeof(buffer));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? errno : 0;
		bfm_text_bytes(text, buffer, (size_t)count);
	}
	return 0;
}

int bfm_linux_read(const char *root, const char *path, size_t limit, struct bfm_text *text)
{
	struct bfm_text name = {0};
	int fd, error;

	bfm_text_clear(text);
	bfm_text_printf(&name, "%s%s", root, path);
	fd = open(bfm_text_get(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	error = fd < 0 ? errno : read_some(fd, limit, text);
	if (fd >= 0)
		close(fd);
	bfm_text_free(&name);
	return error;
}

static void read_cpus(const char *root, struct bfm_facts *facts, struct bfm_text *text)
{
	bfm_linux_read(root, "/sys/devices/system/cpu/online", SMALL, text);
	facts->cpus = bfm_parse_cpu_list(bfm_text_get(text), facts->cpu_number, BF_MAX_CPUS);
	bfm_linux_read(root, "/sys/devices/system/cpu/possible", SMALL, text);
	facts->cpus_possible = bfm_parse_cpu_list(bfm_text_get(text), NULL, 0);
}

static void read_memory(const char *root, struct bfm_facts *facts, struct bfm_text *text)
{
	bfm_linux_read(root, "/proc/meminfo", SMALL, text);
	facts->memory_free = bfm_parse_meminfo(bfm_text_get(text), "MemAvailable");
}

static void read_rights(const char *root, struct bfm_facts *facts, struct bfm_text *text)
{
	facts->root = geteuid() == 0;
	bfm_linux_read(root, "/proc/self/status", SMALL, text);
	facts->capable = bfm_parse_capabilities(bfm_text_get(text),
						1U << CAP_SYS_ADMIN | 1U << CAP_SYS_MODULE);
}

static void read_flags(const char *root, struct bfm_kernel_facts *kernel, struct bfm_text *text)
{
	bfm_linux_read(root, "/proc/cpuinfo", PROC_CPUINFO, text);
	kernel->sees_vmx = bfm_parse_cpu_flag(bfm_text_get(text), "vmx");
	kernel->sees_svm = bfm_parse_cpu_flag(bfm_text_get(text), "svm");
}

void bfm_linux_facts(const char *root, struct bfm_facts *facts)
{
	struct bfm_text text = {0};

	read_cpus(root, facts, &text);
	read_memory(root, facts, &text);
	read_rights(root, facts, &text);
	read_flags(root, &facts->kernel, &text);
	bfm_text_free(&text);
	bfm_linux_kernel(root, &facts->kernel);
	bfm_linux_modules(root, facts);
	bfm_linux_msrs(root, facts);
}
