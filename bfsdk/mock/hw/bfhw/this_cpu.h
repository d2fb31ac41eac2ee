/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The data of the mock machine's current CPU; see mock_cpu_switch().
 */
#ifndef BFHW_THIS_CPU_H
#define BFHW_THIS_CPU_H

struct bf_pcpu;

struct bf_pcpu *bf_this_pcpu(void);
void bf_set_this_pcpu(struct bf_pcpu *pcpu);

#endif
