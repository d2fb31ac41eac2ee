/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <asm/prctl.h>
#include "host_cpu.h"

#define PAGE 4096u

/* host_run.S */
void host_run(struct host_state *state, const void *code);
void host_back(void);

/* jmp *0(%rip), the target behind it */
static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};

static uint8_t *page(void)
{
	static uint8_t *at;

	if (!at) {
		at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		if (at == MAP_FAILED)
			abort();
	}
	return at;
}

void host_set_gs_base(uint64_t base)
{
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, base))
		abort();
}

void *host_low_memory(uint32_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (at == MAP_FAILED)
		abort();
	return at;
}

uint64_t host_code(void)
{
	return (uint64_t)page();
}

uint64_t host_jump_target(void)
{
	return (uint64_t)&host_back;
}

void host_execute(struct host_state *state, const uint8_t *insn, uint32_t length)
{
	uint64_t target = host_jump_target();
	uint8_t *at = page();

	memcpy(at, insn, length);
	memcpy(at + length, jump, sizeof(jump));
	memcpy(at + length + sizeof(jump), &target, sizeof(target));
	host_run(state, at);
}
