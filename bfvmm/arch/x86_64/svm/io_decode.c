/* SPDX-License-Identifier: MIT */
/* EXITINFO1 of a port instruction (APM volume 2, 15.10.2). */
#include <common/insn_io.h>
#include <svm/svm.h>

#define INFO_IN     (1ull << 0)
#define INFO_STRING (1ull << 2)
#define INFO_REP    (1ull << 3)

#define INFO_SIZE(info)    ((info) >> 4 & 7)   /* bytes: 1, 2 or 4 */
#define INFO_ADDRESS(info) ((info) >> 6 & 0xe) /* bytes: 2, 4 or 8 */
#define INFO_SEGMENT(info) ((info) >> 10 & 7)
#define INFO_PORT(info)    ((info) >> 16 & 0xffff)

/* Some implementations give no address size; the segment comes with the decode assists. */
static bool reported(uint64_t info, struct bf_io_access *access)
{
	access->address_size = INFO_ADDRESS(info);
	access->segment = access->write ? INFO_SEGMENT(info) : BF_SEG_ES;
	return access->address_size && (bf_svm_caps.decode_assist || !access->write);
}

int bf_svm_decode_io(struct bf_vcpu *vcpu, struct bf_io_access *access)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t info = v->exitinfo1;
	struct bf_insn insn;

	*access = (struct bf_io_access){
		.port = INFO_PORT(info),
		.size = INFO_SIZE(info),
		.write = !(info & INFO_IN),
		.string = info & INFO_STRING,
		.rep = info & INFO_REP,
		.length = (v->exitinfo2 - v->rip) & BF_INSN_MAX,
	};
	if (!access->string || reported(info, access) || bf_insn_io_infer(bf_svm_mode(v), access))
		return 0;
	if (bf_svm_decode(vcpu, &insn))
		return BF_EFAULT;
	bf_insn_io(&insn, bf_svm_mode(v), access);
	return 0;
}
