/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What both backends have to know of events: which there are, and what becomes of two at once.
 */
#ifndef BFVMM_EVENT_H
#define BFVMM_EVENT_H

#include <stdbool.h>
#include <bareframe/vcpu.h>

/** @return whether exception @p vector pushes an error code in protected mode. */
bool bf_exception_has_error(uint32_t vector);

/** @return whether there are CPUs that deliver such an event. */
bool bf_event_exists(const struct bf_event *event);

/** What an exception in the delivery of another becomes. */
enum bf_combination {
	BF_SERIAL,       /**< the second one; the first comes again, if it was a fault */
	BF_DOUBLE_FAULT, /**< \#DF */
	BF_TRIPLE_FAULT, /**< shutdown */
};

/** (SDM volume 3, table 6-5; APM volume 2, 8.2.9.) */
enum bf_combination bf_exceptions_combine(uint8_t first, uint8_t second);

/**
 * What a hook has asked for with bf_vcpu_inject() in this exit. A verdict of BF_INJECT without that
 * is complained of.
 * @return false: nothing
 */
bool bf_event_take(struct bf_vcpu *vcpu, struct bf_event *event);

/**
 * The guest cannot go on by itself: an exception in the delivery of a double fault. Handled as the
 * exit that a CPU makes of it.
 */
void bf_triple_fault(struct bf_vcpu *vcpu);

#endif
