/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The parts of the Linux loader. It gives the common code pages and CPUs, and the user a device;
 * what is to be done with them is decided in bfdrivers/common.
 */
#ifndef BAREFRAME_H
#define BAREFRAME_H

#include <linux/fs.h>
#include <bfload/loader.h>

#define BAREFRAME_RELEASE "0.1.0"

/* control.c: the loader, its lock, and the module's reference while the VMM runs. */

/* Everything about the one VMM of this machine; under control_lock(), or on the last CPU. */
extern struct bf_loader bareframe;

/* Keeps the set of online CPUs and the loader as they are. Sleeps. */
void control_lock(void);
void control_unlock(void);

/* The same inside a CPU-hotplug callback, where the set of CPUs is locked already. */
void control_lock_hotplug(void);
void control_unlock_hotplug(void);

/* After each call that may have changed the state: no rmmod while CPUs run the VMM. */
void control_settle(void);

/* An errno for a BF_E* code. */
int control_errno(int code);

/* Loads an image that was vmalloc'ed, and owns it on success. */
int control_load(void *bytes, u64 size, const struct bf_load_options *options);

/* Unloads the image and frees it. */
int control_unload(void);

int control_init(void);
void control_exit(void);

/* memory.c, machine.c, cpus.c: the common code's struct bf_loader_ops. */
int memory_alloc(void *os, uint64_t pages, struct bf_extent *extent);
void memory_free(void *os, const struct bf_extent *extent);
void *memory_to_va(void *os, uint64_t pa);
int memory_to_pa(void *os, const void *va, uint64_t *pa);
int machine_describe(void *os, struct bf_machine *machine, struct bf_report *report);
int cpus_online(void *os, uint32_t cpu);
int cpus_run(void *os, uint32_t cpu, void (*fn)(void *), void *arg);

/* ram.c: adds the machine's RAM to machine->regions. 0 or BF_ERANGE */
int ram_describe(struct bf_machine *machine, struct bf_report *report);

/* cpus.c: CPUs that come and go. */
int cpus_init(void);
void cpus_exit(void);

/* power.c: suspend, resume, reboot, kexec. */
int power_init(void);
void power_exit(void);
int power_suspend(void);
void power_resume(void);

/* syscore_*.c: one of them is built, for the interface that this kernel has. */
void syscore_init(void);
void syscore_exit(void);

/* device.c: /dev/bareframe. */
int device_init(void);
void device_exit(void);

/* requests.c: one request of the device, its record in kernel memory. 0 or a BF_E* code */
struct request {
	unsigned int number;
	int (*run)(void *record);
};

const struct request *requests_find(unsigned int number);

#endif
