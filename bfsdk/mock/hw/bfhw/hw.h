/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The mock machine's side of bfhw/hw.h: the same functions, carried out by the machine of
 * bfmock/machine.h on its current CPU. What would fault on a CPU ends the test, or the
 * mock_catch() around it.
 */
#ifndef BFHW_HW_H
#define BFHW_HW_H

#include <stdbool.h>
#include <bfabi/types.h>

struct bf_hw_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/** The memory operand of LGDT/LIDT, SGDT/SIDT. */
struct bf_hw_table {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct bf_hw_cpuid bf_hw_cpuid(uint32_t leaf, uint32_t subleaf);
void bf_hw_cpuid_regs(uint64_t *rax, uint64_t *rbx, uint64_t *rcx, uint64_t *rdx);

uint64_t bf_hw_rdmsr(uint32_t msr);
void bf_hw_wrmsr(uint32_t msr, uint64_t value);
bool bf_hw_rdmsr_safe(uint32_t msr, uint64_t *value);
bool bf_hw_wrmsr_safe(uint32_t msr, uint64_t value);
bool bf_hw_rdpmc_safe(uint32_t counter, uint64_t *value);
bool bf_hw_xsetbv_safe(uint32_t index, uint64_t value);

uint64_t bf_hw_read_cr0(void);
uint64_t bf_hw_read_cr2(void);
uint64_t bf_hw_read_cr3(void);
uint64_t bf_hw_read_cr4(void);
uint64_t bf_hw_read_cr8(void);
uint64_t bf_hw_read_dr0(void);
uint64_t bf_hw_read_dr1(void);
uint64_t bf_hw_read_dr2(void);
uint64_t bf_hw_read_dr3(void);
uint64_t bf_hw_read_dr6(void);
uint64_t bf_hw_read_dr7(void);
void bf_hw_write_cr0(uint64_t value);
void bf_hw_write_cr2(uint64_t value);
void bf_hw_write_cr3(uint64_t value);
void bf_hw_write_cr4(uint64_t value);
void bf_hw_write_cr8(uint64_t value);
void bf_hw_write_dr0(uint64_t value);
void bf_hw_write_dr1(uint64_t value);
void bf_hw_write_dr2(uint64_t value);
void bf_hw_write_dr3(uint64_t value);
void bf_hw_write_dr6(uint64_t value);
void bf_hw_write_dr7(uint64_t value);

uint32_t bf_hw_rdpkru(void);
uint64_t bf_hw_rdtsc(void);
void bf_hw_pause(void);
void bf_hw_halt(void);
void bf_hw_wbinvd(void);
void bf_hw_invlpg(uint64_t va);
uint8_t bf_hw_inb(uint16_t port);
void bf_hw_outb(uint16_t port, uint8_t value);
void bf_hw_lgdt(const struct bf_hw_table *table);
void bf_hw_lidt(const struct bf_hw_table *table);
void bf_hw_ltr(uint16_t selector);

bool bf_hw_vmxon(uint64_t pa);
void bf_hw_vmxoff(void);
bool bf_hw_vmclear(uint64_t pa);
bool bf_hw_vmptrld(uint64_t pa);
uint64_t bf_hw_vmread(uint64_t field);
void bf_hw_vmwrite(uint64_t field, uint64_t value);
bool bf_hw_vmread_safe(uint64_t field, uint64_t *value);
bool bf_hw_vmwrite_safe(uint64_t field, uint64_t value);
bool bf_hw_invept(uint64_t type, uint64_t eptp);
bool bf_hw_invvpid(uint64_t type, uint64_t vpid, uint64_t va);

void bf_hw_stgi(void);
void bf_hw_clgi(void);
void bf_hw_vmsave(uint64_t pa);
void bf_hw_vmload(uint64_t pa);

#endif
