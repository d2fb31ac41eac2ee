/* SPDX-License-Identifier: MIT */
/*
 * The VMCB packs a descriptor's attribute bits 55:52 and 47:40 into 12 bits (APM volume 2,
 * 15.5.1); the neutral format keeps 55:52 at 15:12. There is no "unusable" bit: such a segment
 * is not present.
 */
#include <svm/svm.h>

uint16_t bf_svm_attrib(uint32_t access)
{
	if (access & BF_AR_UNUSABLE)
		access &= ~(uint32_t)BF_AR_P;
	return (uint16_t)((access & 0xff) | (access >> 4 & 0xf00));
}

uint32_t bf_svm_access(uint16_t attrib)
{
	uint32_t access = (attrib & 0xffu) | (attrib & 0xf00u) << 4;

	return access & BF_AR_P ? access : access | BF_AR_UNUSABLE;
}
