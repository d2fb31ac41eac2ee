/* SPDX-License-Identifier: MIT */
/**
 * @file
 * How an access that hooks have passed happens. An exit for a second-level fault that is no
 * matter of rules does not come here.
 */
#ifndef BFVMM_S2_THROUGH_H
#define BFVMM_S2_THROUGH_H

#include <bfvmm/emu_guest.h>
#include <bfvmm/family.h>
#include <bfvmm/s2.h>

#define BF_S2_ASKED_MAX 4u

/** A fault under way. */
struct bf_s2_exit {
	struct bf_emu_guest guest; /**< first: what the memory callbacks get */
	struct bf_exit *exit;
	bf_each_fn each; /**< asks hooks */
	void *each_ctx;
	struct bf_s2_access access;
	/** Pages and kinds that hooks have passed in this exit. */
	struct {
		uint64_t page;
		uint32_t kind;
	} asked[BF_S2_ASKED_MAX];
	uint32_t asked_count;
	enum bf_verdict verdict; /**< of a hook that has ended it; BF_VERDICT_COUNT: none has */
};

/** The tables that @p vcpu is to run on: its view, or its private one. */
struct bf_view *bf_s2_active(const struct bf_vcpu *vcpu);

/** Makes @p access possible on the private view of @p vcpu, and has that run on it. */
enum bf_verdict bf_s2_open(struct bf_vcpu *vcpu, const struct bf_s2_access *access);

/**
 * For a fault on the private view.
 * @param hooked  whether some hook is to be asked about @p access
 * @return true if that is all about it: the guest goes on
 */
bool bf_s2_stay_open(struct bf_vcpu *vcpu, const struct bf_s2_access *access, bool hooked);

/** Back from the private view, if @p vcpu is there. */
void bf_s2_close(struct bf_vcpu *vcpu);

/**
 * Asks the hooks about an access by @p x, once for each page and kind.
 * @return true if all have passed, else @c x->verdict says what to do
 */
bool bf_s2_ask(struct bf_s2_exit *x, const struct bf_s2_access *access);

/** Executes the instruction. @return what to do; BF_PASS: it is none that is emulated */
enum bf_verdict bf_s2_emulate(struct bf_s2_exit *x);

/** Leaves the instruction out. */
enum bf_verdict bf_s2_skip(struct bf_vcpu *vcpu);

/** Copies code at RIP, as the view of @p vcpu shows it. @return how many bytes there are */
uint32_t bf_s2_fetch(struct bf_vcpu *vcpu, uint8_t *to, uint32_t bytes);

/** The second-level fault of @p vcpu, with hooks asked by @p each. */
enum bf_verdict bf_s2_drive(struct bf_vcpu *vcpu, struct bf_exit *exit, bf_each_fn each, void *ctx);

#endif
