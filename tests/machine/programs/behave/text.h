/* SPDX-License-Identifier: MIT */
/* A line of output in the making. */
#ifndef BEHAVE_TEXT_H
#define BEHAVE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct regs;
struct trace;

struct text {
	size_t length;
	char bytes[4096];
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An address in words that are the same in every run: relative to the code, the data, the vDSO. */
void text_add_address(struct text *text, uint64_t address);

/* Every event of a trace, in order, and "end" if the code ran to its end. */
void text_add_trace(struct text *text, const struct trace *trace);

/* The registers named by SHOW_* bits. */
void text_add_regs(struct text *text, const struct regs *regs, unsigned int show);

/* The name of an errno value, or its number where nobody here uses it. */
const char *errno_name(int error);

#endif
