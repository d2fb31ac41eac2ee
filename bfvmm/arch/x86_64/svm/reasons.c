/* SPDX-License-Identifier: MIT */
#include <bareframe/vcpu.h>
#include <svm/exitcode.h>

#define LAST_CODE VMEXIT_IDLE_HLT

const uint8_t bf_svm_reasons[256] = {
	[VMEXIT_CR0_READ... VMEXIT_CR0_READ + 15] = BF_EXIT_CR_READ,
	[VMEXIT_CR0_WRITE... VMEXIT_CR0_WRITE + 15] = BF_EXIT_CR_WRITE,
	[VMEXIT_DR0_READ... VMEXIT_DR0_WRITE + 15] = BF_EXIT_DR_ACCESS,
	[VMEXIT_EXCP0... VMEXIT_EXCP0 + BF_VECTOR_MC - 1] = BF_EXIT_EXCEPTION,
	[VMEXIT_EXCP0 + BF_VECTOR_MC] = BF_EXIT_MACHINE_CHECK,
	[VMEXIT_EXCP0 + BF_VECTOR_MC + 1 ... VMEXIT_EXCP0 + 31] = BF_EXIT_EXCEPTION,
#define X(NAME, code, reason) [code] = BF_EXIT_##reason,
	SVM_EXITS(X)
#undef X
		[VMEXIT_EFER_WRITE_TRAP + 1 ... VMEXIT_INVLPGB - 1] = BF_EXIT_VENDOR,
	[LAST_CODE + 1 ... 255] = BF_EXIT_VENDOR,
};

const struct bf_exit bf_svm_plain_exits[] = {
#define X(NAME, code, why) [(code)-VMEXIT_PLAIN_FIRST] = {.reason = BF_EXIT_##why, .raw = (code)},
	SVM_PLAIN_EXITS(X)
#undef X
};
