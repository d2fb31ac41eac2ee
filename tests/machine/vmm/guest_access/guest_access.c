/* SPDX-License-Identifier: MIT */
/*
 * Does to the memory of whoever executes CPUID with leaf LEAF what its registers ask for:
 * programs/guest_access/call.h has the other side.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/guest.h>
#include <bareframe/hook.h>

#define LEAF       0x40000200
#define BYTES_MAX  0x4000
#define INSN_BYTES 15

/** ECX: what to do. RSI is an address, RDI a number of bytes. EAX is the status. */
enum op {
	OP_ADD_1,     /**< adds 1 to each byte */
	OP_ADD_1_NOW, /**< the same; raises the fault in the guest if it cannot */
	OP_TRANSLATE, /**< R8 = GPA, R9 = bytes of the page, EBX = rights */
	OP_FETCH,     /**< R8 = the first bytes at RIP, EBX = how many there are */
	OP_COUNT,     /**< R8 = calls on this vCPU, R9 = on all of the VM */
	OP_SCAN,      /**< by GPA: R8 = pages of the VMM, R9 = of no RAM, R10 = of the guest */
};

/** What each vCPU has. */
struct own {
	uint64_t calls;
	uint8_t bytes[BYTES_MAX];
};

static struct bf_ext *self;

static int add_1(struct bf_vcpu *vcpu, struct own *own, struct bf_guest_fault *fault)
{
	const struct bf_regs *regs = bf_vcpu_regs(vcpu);
	uint64_t bytes = regs->rdi;
	int status;

	if (bytes > BYTES_MAX)
		return BF_ERANGE;
	status = bf_guest_read(vcpu, regs->rsi, own->bytes, bytes, 0, fault);
	if (status)
		return status;
	for (uint64_t i = 0; i < bytes; i++)
		own->bytes[i]++;
	return bf_guest_write(vcpu, regs->rsi, own->bytes, bytes, BF_GUEST_MARK, fault);
}

static int translate(struct bf_vcpu *vcpu, struct bf_cpuid *io, struct bf_guest_fault *fault)
{
	struct bf_regs *regs = bf_vcpu_regs(vcpu);
	struct bf_translation t = {0};
	int status = bf_guest_translate(vcpu, regs->rsi, BF_GUEST_READ, &t, fault);

	regs->r8 = t.gpa;
	regs->r9 = t.page_bytes;
	io->ebx = t.rights;
	return status;
}

static int fetch(struct bf_vcpu *vcpu, struct bf_cpuid *io, struct bf_guest_fault *fault)
{
	union {
		uint8_t bytes[INSN_BYTES];
		uint64_t first;
	} code = {{0}};
	uint64_t gva;
	int status = bf_guest_linear(vcpu, BF_SEG_CS, bf_vcpu_get(vcpu, BF_RIP), 1, BF_GUEST_FETCH,
				     &gva, fault);

	if (status)
		return status;
	io->ebx = bf_guest_fetch(vcpu, gva, code.bytes, sizeof(code.bytes), 0, fault);
	bf_vcpu_regs(vcpu)->r8 = code.first;
	return 0;
}

static int scan(struct bf_vcpu *vcpu)
{
	struct bf_regs *regs = bf_vcpu_regs(vcpu);
	uint64_t end = regs->rsi + regs->rdi, hpa;

	regs->r8 = regs->r9 = regs->r10 = 0;
	for (uint64_t gpa = regs->rsi; gpa < end; gpa += BF_PAGE_SIZE) {
		int status = bf_gpa_to_hpa(bf_vcpu_vm(vcpu), gpa, &hpa);

		regs->r8 += status == BF_EPERM;
		regs->r9 += status == BF_EDEVICE;
		regs->r10 += !status && hpa == gpa;
	}
	return 0;
}

static int work(struct bf_vcpu *vcpu, struct bf_cpuid *io, struct bf_guest_fault *fault)
{
	struct own *own = bf_vcpu_data(self, vcpu);
	uint64_t *all = bf_vm_data(self, bf_vcpu_vm(vcpu));

	own->calls++;
	__atomic_fetch_add(all, 1, __ATOMIC_RELAXED);
	switch ((enum op)io->subleaf) {
	case OP_ADD_1:
	case OP_ADD_1_NOW:
		return add_1(vcpu, own, fault);
	case OP_TRANSLATE:
		return translate(vcpu, io, fault);
	case OP_FETCH:
		return fetch(vcpu, io, fault);
	case OP_COUNT:
		bf_vcpu_regs(vcpu)->r8 = own->calls;
		bf_vcpu_regs(vcpu)->r9 = *all;
		return 0;
	case OP_SCAN:
		return scan(vcpu);
	default:
		return BF_EINVAL;
	}
}

static enum bf_verdict on_call(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct bf_guest_fault fault = {0};
	int status = work(vcpu, io, &fault);

	(void)ctx;
	if (status == BF_EFAULT && io->subleaf == OP_ADD_1_NOW) {
		bf_guest_fault_inject(vcpu, &fault);
		return BF_INJECT;
	}
	io->eax = (uint32_t)status;
	io->ecx = io->edx = 0;
	if (status != BF_EFAULT)
		return BF_SKIP;
	io->ebx = fault.vector;
	io->edx = fault.error_code;
	bf_vcpu_regs(vcpu)->r8 = fault.address;
	return BF_SKIP;
}

static int init(struct bf_ext *ext)
{
	int status = bf_ext_vcpu_data(ext, sizeof(struct own));

	self = ext;
	if (!status)
		status = bf_ext_vm_data(ext, sizeof(uint64_t));
	if (!status)
		status = bf_hook_cpuid(ext, BF_CONTROL_VM, BF_LEAF(LEAF, LEAF), on_call, NULL,
				       BF_PRIO_NORMAL, NULL);
	return status;
}

BF_EXTENSION(guest_access, .version = "1.0", .license = "MIT", .init = init);
