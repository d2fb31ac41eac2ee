/* SPDX-License-Identifier: MIT */
/*
 * The instructions of VMX, SVM and their kin, from ring 3. Outside any hypervisor's guest, and with
 * VMX and SVM off, each is an undefined instruction; a hypervisor must not show that it is there.
 */
#include "probe.h"

#define INSN(title, bytes)                                                                         \
	{                                                                                          \
		.name = title, .run = probe_insn, CODE(bytes)                                      \
	}

static const struct probe probes[] = {
	INSN("vmcall", "\x0f\x01\xc1"),
	{.name = "vmcall-garbage",
	 .run = probe_insn,
	 .rax = 0xdeadbeefcafef00d,
	 .rcx = ~0ull,
	 .rdx = ~0ull,
	 CODE("\x0f\x01\xc1")},
	INSN("vmmcall", "\x0f\x01\xd9"),
	{.name = "vmmcall-garbage",
	 .run = probe_insn,
	 .rax = 0xdeadbeefcafef00d,
	 .rcx = ~0ull,
	 .rdx = ~0ull,
	 CODE("\x0f\x01\xd9")},
	INSN("vmcall-prefix-66", "\x66\x0f\x01\xc1"),
	INSN("vmlaunch", "\x0f\x01\xc2"),
	INSN("vmresume", "\x0f\x01\xc3"),
	INSN("vmxoff", "\x0f\x01\xc4"),
	INSN("vmxon", "\xf3\x0f\xc7\x37"),
	INSN("vmptrld", "\x0f\xc7\x37"),
	INSN("vmptrst", "\x0f\xc7\x3f"),
	INSN("vmclear", "\x66\x0f\xc7\x37"),
	INSN("vmread-register", "\x0f\x78\xc8"),
	INSN("vmread-memory", "\x0f\x78\x0f"),
	INSN("vmwrite-register", "\x0f\x79\xc8"),
	INSN("vmwrite-memory", "\x0f\x79\x0f"),
	INSN("invept", "\x66\x0f\x38\x80\x07"),
	INSN("invvpid", "\x66\x0f\x38\x81\x07"),
	INSN("vmfunc", "\x0f\x01\xd4"),
	INSN("getsec", "\x0f\x37"),
	INSN("vmrun", "\x0f\x01\xd8"),
	INSN("vmload", "\x0f\x01\xda"),
	INSN("vmsave", "\x0f\x01\xdb"),
	INSN("stgi", "\x0f\x01\xdc"),
	INSN("clgi", "\x0f\x01\xdd"),
	INSN("skinit", "\x0f\x01\xde"),
	INSN("invlpga", "\x0f\x01\xdf"),
	INSN("vmgexit-f3", "\xf3\x0f\x01\xd9"),
	INSN("vmgexit-f2", "\xf2\x0f\x01\xd9"),
	INSN("invlpgb", "\x0f\x01\xfe"),
	INSN("tlbsync", "\x0f\x01\xff"),
	INSN("pvalidate", "\xf2\x0f\x01\xff"),
	INSN("tdcall", "\x66\x0f\x01\xcc"),
	INSN("seamcall", "\x66\x0f\x01\xcf"),
	INSN("encls", "\x0f\x01\xcf"),
	INSN("enclv", "\x0f\x01\xc0"),
	INSN("enclu", "\x0f\x01\xd7"),
	INSN("pconfig", "\x0f\x01\xc5"),
};

PROBE_GROUP(virt);
