/* SPDX-License-Identifier: MIT */
/*
 * The exit qualification of port instructions (SDM volume 3, table 28-5) and the instruction
 * information of strings (table 28-8).
 */
#include <stddef.h>
#include <bareframe/guest.h>
#include <common/insn_io.h>
#include <common/insn_length.h>
#include <vmx/vmx.h>

#define QUALIFICATION_IN     (1ull << 3)
#define QUALIFICATION_STRING (1ull << 4)
#define QUALIFICATION_REP    (1ull << 5)

#define QUALIFICATION_SIZE(q) (((q)&7) + 1)
#define QUALIFICATION_PORT(q) ((q) >> 16 & 0xffff)

#define INFO_ADDRESS(info) (2u << ((info) >> 7 & 3)) /* bytes */
#define INFO_SEGMENT(info) ((info) >> 15 & 7)

static int decode(struct bf_vcpu *vcpu, enum bf_insn_mode mode, struct bf_insn *insn)
{
	uint64_t at = bf_vmx_get(vcpu, BF_RIP);
	uint8_t bytes[BF_INSN_MAX];
	uint32_t count;

	if (mode != BF_INSN_64)
		at = (uint32_t)(at + bf_vmx_get(vcpu, BF_CS_BASE));
	/* It has been executed: there is nothing left to check. */
	count = bf_guest_fetch(vcpu, at, bytes, sizeof(bytes), BF_GUEST_FORCE, NULL);
	return bf_insn_decode(bytes, count, mode, insn);
}

/* CPUs that report no instruction information are old, and few. */
static int look(struct bf_vcpu *vcpu, struct bf_io_access *access)
{
	enum bf_insn_mode mode =
		bf_insn_mode(bf_vmx_efer(vcpu), (uint32_t)bf_vmx_get(vcpu, BF_CS_ACCESS),
			     bf_vmx_get(vcpu, BF_RFLAGS));
	struct bf_insn insn;

	if (bf_insn_io_infer(mode, access))
		return 0;
	if (decode(vcpu, mode, &insn))
		return BF_EFAULT;
	bf_insn_io(&insn, mode, access);
	return 0;
}

int bf_vmx_decode_io(struct bf_vcpu *vcpu, struct bf_io_access *access)
{
	uint64_t q = bf_hw_vmread(VMCS_EXIT_QUALIFICATION), info;

	*access = (struct bf_io_access){
		.port = QUALIFICATION_PORT(q),
		.size = QUALIFICATION_SIZE(q),
		.write = !(q & QUALIFICATION_IN),
		.string = q & QUALIFICATION_STRING,
		.rep = q & QUALIFICATION_REP,
		.length = (uint8_t)bf_hw_vmread(VMCS_EXIT_INSTRUCTION_LENGTH),
	};
	if (!access->string)
		return 0;
	if (!(bf_vmx_caps.basic & VMX_BASIC_INS_OUTS))
		return look(vcpu, access);
	info = bf_hw_vmread(VMCS_EXIT_INSTRUCTION_INFORMATION);
	access->address_size = INFO_ADDRESS(info);
	access->segment = access->write ? INFO_SEGMENT(info) : BF_SEG_ES;
	return 0;
}
