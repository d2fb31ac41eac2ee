/* SPDX-License-Identifier: MIT */
/* Physical memory, and page allocations that can be made to fail. */
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <bfhw/phys.h>
#include <bfvmm/mem.h>
#include "model.h"

static uint8_t *memory;

/* Dropping the pages is faster than clearing them and gives zeros again. */
void mock_memory_reset(void)
{
	if (!memory) {
		memory = mmap(NULL, MOCK_MEMORY, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			mock_fault("no memory for the machine");
	}
	madvise(memory, MOCK_MEMORY, MADV_DONTNEED);
}

void *bf_phys_to_virt(uint64_t pa)
{
	if (pa >= MOCK_MEMORY)
		mock_fault("no memory at physical address 0x%lx", pa);
	return memory + pa;
}

uint64_t bf_virt_to_phys(const void *va)
{
	uint64_t pa = (uint64_t)((const uint8_t *)va - memory);

	if (pa >= MOCK_MEMORY)
		mock_fault("%p is not memory of the machine", va);
	return pa;
}

void mock_pool_init(uint64_t bytes)
{
	struct bf_extent pool = {MOCK_POOL_PA, bytes};

	bf_pool_init(&pool, 1);
}

void mock_boot_fill(struct bf_boot *boot, uint64_t pool_bytes)
{
	memset(boot, 0, sizeof(*boot));
	boot->magic = BF_BOOT_MAGIC;
	boot->version = BF_BOOT_VERSION;
	boot->size = sizeof(*boot);
	boot->loader = BF_LOADER_TEST;
	boot->cpu_count = mock.cpu_count;
	boot->log_level = BF_LOG_DEBUG;
	boot->apic_pa = MOCK_APIC_PA;
	boot->region_count = 1;
	boot->regions[0] = (struct bf_region){0, MOCK_MEMORY, BF_REGION_RAM, 0};
	boot->pool_count = 1;
	boot->pool[0] = (struct bf_extent){MOCK_POOL_PA, pool_bytes};
	boot->owned_count = 1;
	boot->owned[0] = boot->pool[0];
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		boot->cpus[i].apic_id = i;
}

/* The linker sends the VMM's calls here (--wrap). */
void *__real_bf_pages_alloc(uint32_t count);
void __real_bf_pages_free(void *pages, uint32_t count);
void *__wrap_bf_pages_alloc(uint32_t count);
void __wrap_bf_pages_free(void *pages, uint32_t count);

void *__wrap_bf_pages_alloc(uint32_t count)
{
	mock.count.page_alloc++;
	return mock_due(&mock.fault.page_alloc) ? NULL : __real_bf_pages_alloc(count);
}

void __wrap_bf_pages_free(void *pages, uint32_t count)
{
	mock.count.page_free += pages != NULL;
	__real_bf_pages_free(pages, count);
}
