/* SPDX-License-Identifier: MIT */
/*
 * Prints, for every online CPU, the hypervisor-present bit and the hypervisor's vendor string and
 * highest leaf. With --expect, exits 1 if any CPU shows another vendor string.
 */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

#define LEAF_HYPERVISOR 0x40000000u
#define PRESENT_BIT     (1u << 31)

struct hvid {
	bool present;
	uint32_t max_leaf;
	char vendor[13];
};

static void hvid_read(struct hvid *id)
{
	struct cpuid_regs r = cpuid(LEAF_HYPERVISOR, 0);

	id->present = cpuid(1, 0).ecx & PRESENT_BIT;
	id->max_leaf = r.eax;
	memcpy(id->vendor, &r.ebx, 4);
	memcpy(id->vendor + 4, &r.ecx, 4);
	memcpy(id->vendor + 8, &r.edx, 4);
	id->vendor[12] = '\0';
}

/* On a bare machine the leaf holds whatever the CPU gives there, which need not be text. */
static void make_printable(char *text)
{
	for (size_t i = 0; i < 12; i++) {
		if (text[i] && (text[i] < ' ' || text[i] > '~'))
			text[i] = '?';
	}
}

static bool hvid_show(unsigned int cpu, const char *expected)
{
	struct hvid id;
	bool same;

	hvid_read(&id);
	if (!id.present)
		memset(id.vendor, 0, sizeof(id.vendor));
	same = !expected || !strcmp(id.vendor, expected);
	make_printable(id.vendor);
	printf("cpu %u: present %d vendor \"%s\" max-leaf %#x%s\n", cpu, id.present, id.vendor,
	       id.present ? id.max_leaf : 0, same ? "" : " UNEXPECTED");
	return same;
}

static int usage(FILE *to, int status)
{
	fputs("usage: hvid [--expect \"VENDOR\"]\n"
	      "  Prints what CPUID says of a hypervisor on every online CPU.\n"
	      "  --expect  exit 1 if any CPU shows another vendor string (\"\" means none)\n",
	      to);
	return status;
}

int main(int argc, char **argv)
{
	const char *expected = NULL;
	unsigned int shown = 0;
	bool same = true;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	if (argc == 3 && !strcmp(argv[1], "--expect"))
		expected = argv[2];
	else if (argc != 1)
		return usage(stderr, 64);
	for (unsigned int cpu = 0; cpu < cpu_slots(); cpu++) {
		if (!pin_to_cpu(cpu))
			continue;
		same &= hvid_show(cpu, expected);
		shown++;
	}
	if (!shown)
		fputs("hvid: could not move to any CPU\n", stderr);
	return shown && same ? 0 : 1;
}
