/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Probes of what the machine does in ring 0. A snippet is a piece of machine code in the module's
 * text; running one loads every register, records each exception that the code raises, and stores
 * every register. All of it happens on one CPU, one snippet at a time.
 */
#ifndef BF_PROBE_H
#define BF_PROBE_H

#include <linux/objtool.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <asm/ibt.h>

/* run.S knows this order. */
struct regs {
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rflags;
};

/* Registers that a probe prints when its snippet went through. */
enum {
	SHOW_RAX = 1 << 0,
	SHOW_RBX = 1 << 1,
	SHOW_RCX = 1 << 2,
	SHOW_RDX = 1 << 3,
	SHOW_RFLAGS = 1 << 4,
};

/* SNIPPET lays this out. */
struct code {
	void (*entry)(void);
	u16 start, end; /* from the entry; positions are reported relative to start */
	u32 unused;
};

struct snippet {
	const char *id; /* the name of the probe, with '_' for '-' */
	const struct code *code;
	unsigned int show;
};

/*
 * SNIPPET(id, show, "assembly") defines the code, SNIPPET_OF the struct snippet for it. A file
 * keeps its snippets in one list of X(id, show, "assembly") that it expands with both.
 */
#define SNIPPET(id, show, text)                                                                    \
	asm(".pushsection .text\n"                                                                 \
	    ".balign 16\n"                                                                         \
	    ".type bf_insn_" #id ", @function\n"                                                   \
	    "bf_insn_" #id ":\n" ASM_ENDBR "\n"                                                    \
	    "bf_start_" #id ":\n" text "\n"                                                        \
	    "bf_end_" #id ": jmp bf_leave\n"                                                       \
	    ".size bf_insn_" #id ", . - bf_insn_" #id "\n"                                         \
	    ".popsection\n"                                                                        \
	    ".pushsection .rodata\n"                                                               \
	    ".balign 8\n"                                                                          \
	    "bf_code_" #id ": .quad bf_insn_" #id "\n"                                             \
	    ".short bf_start_" #id " - bf_insn_" #id ", bf_end_" #id " - bf_insn_" #id "\n"        \
	    ".long 0\n"                                                                            \
	    ".popsection\n");                                                                      \
	void bf_insn_##id(void);                                                                   \
	extern const struct code bf_code_##id;                                                     \
	STACK_FRAME_NON_STANDARD(bf_insn_##id);

#define SNIPPET_OF(id, show, text) {#id, &bf_code_##id, show},

/* pushfq; orq $TF,(%rsp); popfq: the trap comes after the instruction that follows. */
#define TF_ON "pushfq; orq $0x100, (%rsp); popfq\n"

struct event {
	u8 vector;
	u16 dr6;     /* of a #DB: the bits that a #DB sets */
	u32 error;   /* error code */
	long offset; /* of RIP in the code */
};

/* No vectors: an interrupt, and a hardware breakpoint with its index as the error code. */
#define EVENT_INTERRUPT  0xfe
#define EVENT_BREAKPOINT 0xff

#define TRACE_MAX 32

struct trace {
	unsigned int count;
	bool ended; /* the code ran to its end */
	struct event events[TRACE_MAX];
};

/* A page for the code under test to address; RSI and RDI point to it. */
extern u8 bf_page[];

/* Registers as every probe starts with them: markers, and RAX, RCX, RDX zero. */
struct regs standard_regs(void);

/* Runs with IRQs off. After any exception that is not a trap the code is left. */
void run(const struct snippet *snippet, struct regs *regs, struct trace *trace);

/* Where RIP is in the snippet that runs, for those who interrupt it; false if none runs there. */
bool run_offset(unsigned long ip, long *offset);
void run_record(u8 vector, u32 error, u16 dr6, long offset);

static inline unsigned long code_start(const struct snippet *snippet)
{
	return (unsigned long)snippet->code->entry + snippet->code->start;
}

/* RSP when a snippet begins. */
extern unsigned long bf_stack;

int traps_install(void);
void traps_remove(void);

/* Adds one line "name: outcome" to the output. Every name occurs once. */
void report(const char *name, const char *format, ...) __printf(2, 3);

/* Runs a snippet with the standard registers, or with others, and reports the events. */
void probe(const struct snippet *snippet);
void probe_with(const char *name, const struct snippet *snippet, struct regs regs,
		unsigned int show);

/* Reports a run under another name than the snippet's. */
void report_run(const char *name, const struct regs *regs, const struct trace *trace,
		unsigned int show);

/* Did the run end without any exception? */
static inline bool clean(const struct trace *trace)
{
	return trace->ended && !trace->count;
}

/* Probes the whole list of a file. */
#define PROBE_ALL(list)                                                                            \
	do {                                                                                       \
		size_t probe_index;                                                                \
                                                                                                   \
		for (probe_index = 0; probe_index < ARRAY_SIZE(list); probe_index++)               \
			probe(&(list)[probe_index]);                                               \
	} while (0)

/* Module parameters: what some machine does not survive. */
extern bool bf_hazards, bf_invd;

/* Lets this CPU execute XSETBV where the kernel does not use XSAVE; true if that was needed. */
bool xcr_enable(void);
void xcr_disable(void);

/* The groups, in the order in which they run. */
void probe_virt(void);
void probe_step(void);
void probe_shadow(void);
void probe_breakpoints(void);
void probe_interrupts(void);
void probe_loops(void);
void probe_nmi(void);
void probe_msr(void);
void probe_xcr(void);
void probe_control(void);
void probe_debug(void);
void probe_privileged(void);
void probe_registers(void);
void probe_state(void);
void probe_hazards(void);

#endif
