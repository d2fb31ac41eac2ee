/* SPDX-License-Identifier: MIT */
#include "exits.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <bareframe/exit.h>
#include <bfabi/ioctl.h>

static const char *const names[] = {
#define X(name, text) #name,
	BF_EXIT_REASONS(X)
#undef X
};

_Static_assert(BF_EXIT_COUNT <= EXITS_MAX, "a reason has no place");

static bool add_cpu(int device, uint32_t cpu, struct exits *exits)
{
	struct bf_ioctl_stats stats = {.size = sizeof(stats), .page.cpu = cpu};

	if (ioctl(device, BF_IOC_STATS, &stats))
		return false;
	for (uint32_t i = 0; i < BF_EXIT_COUNT && i < stats.page.reasons; i++)
		exits->times[i] += stats.page.exits[i];
	return true;
}

bool exits_read(struct exits *exits)
{
	int device = open("/dev/" BF_DEVICE, O_RDWR);
	uint32_t cpus = 0;

	memset(exits, 0, sizeof(*exits));
	if (device >= 0)
		while (add_cpu(device, cpus, exits))
			cpus++;
	else
		perror("hook_table: /dev/" BF_DEVICE);
	if (device >= 0)
		close(device);
	return cpus;
}

void exits_since(const struct exits *before, const struct exits *now,
		 void (*fn)(const char *name, uint64_t times, void *ctx), void *ctx)
{
	for (uint32_t i = 0; i < BF_EXIT_COUNT; i++)
		if (now->times[i] > before->times[i])
			fn(names[i], now->times[i] - before->times[i], ctx);
}

bool exits_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, length) && (!at[length] || at[length] == ','))
			return true;
	}
	return false;
}
