/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <bfvmm/mem.h>
#include <svm/vmcb.h>

const struct bf_vmcb_field bf_vmcb_fields[SVM_FIELD_COUNT] = {
#define X(member, NAME, at, bits, group)                                                           \
	[SVM_##NAME] = {                                                                           \
		.name = #NAME, .offset = (at), .clean = SVM_CLEAN_##group, .bytes = (bits) / 8},
	SVM_FIELDS(X)
#undef X
};

#define X(member, NAME, at, bits, group)                                                           \
	_Static_assert(offsetof(union bf_vmcb, member) == (at), "VMCB field is misplaced");
SVM_FIELDS(X)
#undef X
_Static_assert(sizeof(union bf_vmcb) == BF_PAGE_SIZE, "a VMCB is one page");

uint64_t bf_vmcb_read(const union bf_vmcb *vmcb, enum svm_field field)
{
	const struct bf_vmcb_field *f = &bf_vmcb_fields[field];
	uint64_t value = 0;

	memcpy(&value, &vmcb->page[f->offset], f->bytes);
	return value;
}

void bf_vmcb_write(union bf_vmcb *vmcb, enum svm_field field, uint64_t value)
{
	const struct bf_vmcb_field *f = &bf_vmcb_fields[field];

	memcpy(&vmcb->page[f->offset], &value, f->bytes);
}
