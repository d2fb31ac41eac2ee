/* SPDX-License-Identifier: MIT */
/*
 * One thread on each CPU, in step: a leader does something while all others wait, then all work,
 * and so on.
 */
#ifndef MACHINE_TEAM_H
#define MACHINE_TEAM_H

#include "cpu.h"

/* Runs @fn(its number, @ctx) in a thread on each online CPU. @return how many there were, 0 if one
 * could not be made. */
unsigned int team_run(void (*fn)(unsigned int number, void *ctx), void *ctx);

/* Returns when all of them have called it as often. */
void team_meet(void);

#endif
