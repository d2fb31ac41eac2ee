/* SPDX-License-Identifier: MIT */
/* Running a piece of machine code and recording each signal that it raises. */
#ifndef BEHAVE_RUN_H
#define BEHAVE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* run.S and run_compat.S know this order. */
struct regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags;
};

struct event {
	int signal;
	int code; /* si_code */
	uint64_t address, rip, trap, error;
	uint16_t cs;
};

#define TRACE_MAX 64

struct trace {
	unsigned int count;
	bool ended; /* the code ran to its end */
	struct event events[TRACE_MAX];
};

/*
 * The arena: two pages of code, then one without access; two pages of data, then one without
 * access; a stack. All at fixed addresses below 4 GiB, so that 32-bit code reaches them and no
 * printed address depends on chance.
 */
#define PAGE                0x1000ul
#define ARENA_CODE          ((uint8_t *)0x10000000ul)
#define ARENA_DATA          ((uint8_t *)0x10100000ul)
#define ARENA_LOW_STACK_TOP ((uint8_t *)0x10210000ul)

bool arena_create(void);
void traps_install(void);

/* Registers as every probe starts with them: markers, and RSI, RDI pointing to the data page. */
struct regs standard_regs(void);

/*
 * Copies the code to where, adds the return, runs it with *regs and gives the registers at its end.
 * After any fault that is not a trap the code is left. Positions are reported relative to where.
 */
void run_at(uint8_t *where, const char *code, size_t length, struct regs *regs,
	    struct trace *trace);

/* The same for 32-bit code at the start of the arena. */
void run_compat(const char *code, size_t length, struct regs *regs, struct trace *trace);

static inline void run(const char *code, size_t length, struct regs *regs, struct trace *trace)
{
	run_at(ARENA_CODE, code, length, regs, trace);
}

enum trace_mode {
	TRACE_STEP,     /* single-step each instruction */
	TRACE_CONTINUE, /* run until a breakpoint or a fault */
};

#define BREAKPOINTS_MAX 4

/* The R/W and LEN fields of DR7. */
enum break_kind {
	BREAK_NONE = -1,
	BREAK_EXECUTE = 0x0,
	BREAK_WRITE_1 = 0x1,
	BREAK_WRITE_4 = 0xd,
	BREAK_ACCESS_1 = 0x3,
	BREAK_ACCESS_4 = 0xf,
	BREAK_ACCESS_8 = 0xb,
};

struct breakpoint {
	const uint8_t *address;
	enum break_kind kind;
};

struct traced {
	const char *code;
	size_t length;
	enum trace_mode mode;
	const struct breakpoint *points;
	unsigned int point_count;
	struct regs regs; /* in and out; R12 to R15 are not passed */
	struct trace trace;
};

/* An event seen by ptrace: no trap number is known, and DR6 stands in place of the error code. */
#define TRAP_IS_DR6 (~0ull)

/* Runs the code in a child under ptrace, with hardware breakpoints. 0 or an errno. */
int run_traced(struct traced *traced);

/* Where the code of the latest run began and its length: what printed positions are relative to. */
extern uint8_t *run_base;
extern size_t run_length;

#endif
