/* SPDX-License-Identifier: MIT */
/* Tries the device of the VMM mmio_device with instructions of every kind. */
#include "cpu.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#define BASE  0xd0000000u
#define BYTES 4096
#define ID    0x44464142u

static volatile uint8_t *device;
static unsigned int good, all;

static void check(const char *what, uint64_t found, uint64_t wanted)
{
	all++;
	good += found == wanted;
	printf("%s: %llu%s\n", what, (unsigned long long)found,
	       found == wanted ? "" : ", not as wanted");
}

static uint64_t get(unsigned int reg)
{
	return *(volatile uint64_t *)(device + reg);
}

static void set_sum(uint64_t value)
{
	*(volatile uint64_t *)(device + 0x08) = value;
}

static void widths(void)
{
	set_sum(0);
	*(device + 0x10) = 1;
	*(volatile uint16_t *)(device + 0x10) = 2;
	*(volatile uint32_t *)(device + 0x10) = 3;
	*(volatile uint64_t *)(device + 0x10) = 4;
	check("sum of four widths", get(0x08), 10);
}

static void strings(void)
{
	static const uint16_t from[] = {1, 2, 3, 4};
	const uint16_t *source = from;
	volatile uint8_t *to = device + 0x10;
	uint64_t count = 8;

	set_sum(0);
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(5) : "memory");
	check("sum of eight elements", get(0x08), 40);
	to = device + 0x10;
	count = 4;
	__asm__ volatile("rep movsw" : "+D"(to), "+S"(source), "+c"(count)::"memory");
	check("sum with four of a copy", get(0x08), 50);
	check("RCX afterwards", count, 0);
}

static void read_string(void)
{
	uint32_t buffer[4] = {7, 7, 7, 7}, *to = buffer;
	volatile uint8_t *from = device;
	uint64_t count = 1;

	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count)::"memory");
	check("identity by a copy", buffer[0], ID);
}

static void locked(void)
{
	uint64_t value = 25;

	__asm__ volatile("lock xaddq %0,%1"
			 : "+r"(value), "+m"(*(volatile uint64_t *)(device + 0x08)));
	check("what a locked addition found", value, 50);
	check("and left", get(0x08), 75);
}

static void nothing_there(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < 16; i++)
		sum += get(0x100 + 8 * i);
	check("registers that there are not", sum, 0);
}

int main(int argc, char **argv)
{
	uint64_t base = BASE;
	int file = open("/dev/mem", O_RDWR | O_SYNC);
	void *at;

	if (argc > 2 || (argc == 2 && !parse_number(argv[1], &base))) {
		fputs("usage: mmio_probe [ADDRESS]\n", stderr);
		return 64;
	}
	at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)base);
	if (file < 0 || at == MAP_FAILED) {
		perror("mmio_probe: /dev/mem");
		return 1;
	}
	device = at;
	check("identity", *(volatile uint32_t *)device, ID);
	widths();
	strings();
	read_string();
	locked();
	nothing_there();
	printf("mmio_probe: %u of %u\n", good, all);
	return good == all ? 0 : 1;
}
