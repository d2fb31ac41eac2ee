/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdio.h>
#include <sys/mman.h>

#define LOW_STACK_SIZE 0x10000ul

static bool map_at(uint8_t *where, size_t size, int protection)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

	if (mmap(where, size, protection, flags, -1, 0) == where)
		return true;
	perror("behave: cannot map the arena");
	return false;
}

bool arena_create(void)
{
	const int data = PROT_READ | PROT_WRITE;

	return map_at(ARENA_CODE, 2 * PAGE, data | PROT_EXEC) &&
	       map_at(ARENA_CODE + 2 * PAGE, PAGE, PROT_NONE) &&
	       map_at(ARENA_DATA, 2 * PAGE, data) &&
	       map_at(ARENA_DATA + 2 * PAGE, PAGE, PROT_NONE) &&
	       map_at(ARENA_LOW_STACK_TOP - LOW_STACK_SIZE, LOW_STACK_SIZE, data);
}

struct regs standard_regs(void)
{
	return (struct regs){
		.rbx = 0xb0b1b2b3b4b5b6b7,
		.rsi = (uintptr_t)ARENA_DATA,
		.rdi = (uintptr_t)ARENA_DATA,
		.rbp = 0xd0d1d2d3d4d5d6d7,
		.r8 = 0x0808080808080808,
		.r9 = 0x0909090909090909,
		.r10 = 0x1010101010101010,
		.r11 = 0x1111111111111111,
		.r12 = 0x1212121212121212,
		.r13 = 0x1313131313131313,
		.r14 = 0x1414141414141414,
		.r15 = 0x1515151515151515,
	};
}
