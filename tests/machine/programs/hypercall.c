/* SPDX-License-Identifier: MIT */
/* Makes one hypercall from user space and prints its result. */
#include "hypercall.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

#define ARGUMENTS 3

static sigjmp_buf refused;

static void on_ill(int number)
{
	(void)number;
	siglongjmp(refused, 1);
}

int main(int argc, char **argv)
{
	uint64_t words[1 + ARGUMENTS] = {0};
	bool valid = argc >= 2 && argc <= 2 + ARGUMENTS;

	for (int i = 1; valid && i < argc; i++)
		valid = parse_number(argv[i], &words[i - 1]);
	if (!valid) {
		fputs("usage: hypercall NUMBER [RDI [RSI [RDX]]]\n"
		      "  Prints RAX. Ends with 1 if nobody answers: the instruction raises #UD.\n",
		      stderr);
		return 64;
	}
	signal(SIGILL, on_ill);
	if (sigsetjmp(refused, 1)) {
		fprintf(stderr, "hypercall: nobody answers 0x%" PRIx64 ": #UD\n", words[0]);
		return 1;
	}
	printf("0x%" PRIx64 "\n", hypercall(words[0], words[1], words[2], words[3]));
	return 0;
}
