/* SPDX-License-Identifier: MIT */
/*
 * Writing to the log. A CPU writes only its own ring, but an NMI may cut in between any two
 * instructions; slots are therefore taken with one atomic step, and numbered the same way.
 */
#include <stdatomic.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/format.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include <bfvmm/serial.h>
#include <bfvmm/vcpu.h>

#define LINE_BYTES 400

static struct bf_log_ring *rings;
static uint32_t ring_count;
static uint32_t max_level;
static uint16_t serial_port;
static _Atomic uint64_t next_seq;

void bf_log_init(void *memory, uint32_t count, enum bf_log_level level)
{
	rings = memory;
	ring_count = count;
	max_level = level;
	serial_port = 0;
	atomic_store(&next_seq, 1);
}

void bf_log_serial(uint16_t base)
{
	serial_port = base;
}

static void write_record(struct bf_log_ring *ring, uint32_t cpu, enum bf_log_level level,
			 uint8_t flags, const char *text, uint32_t length)
{
	uint64_t at = atomic_fetch_add((_Atomic uint64_t *)&ring->head, 1);
	struct bf_log_record *r = &ring->slot[at % BF_LOG_SLOTS];
	_Atomic uint64_t *seq = (_Atomic uint64_t *)&r->seq;

	atomic_store_explicit(seq, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	r->tsc = bf_hw_rdtsc();
	r->cpu = cpu;
	r->level = (uint8_t)level;
	r->flags = flags;
	r->length = (uint16_t)length;
	memcpy(r->text, text, length);
	atomic_store_explicit(seq, atomic_fetch_add(&next_seq, 1), memory_order_release);
}

void bf_log(enum bf_log_level level, const char *format, ...)
{
	const struct bf_pcpu *pcpu = bf_this_pcpu();
	uint32_t cpu = pcpu ? pcpu->index : 0;
	char line[LINE_BYTES];
	va_list args;

	if (level > max_level || cpu >= ring_count)
		return;
	va_start(args, format);
	uint32_t left = (uint32_t)bf_vformat(line, sizeof(line), format, args);
	va_end(args);

	if (serial_port)
		bf_serial_line(serial_port, line);
	for (const char *at = line;; at += BF_LOG_TEXT, left -= BF_LOG_TEXT) {
		if (left <= BF_LOG_TEXT) {
			write_record(&rings[cpu], cpu, level, 0, at, left);
			return;
		}
		write_record(&rings[cpu], cpu, level, BF_LOG_MORE, at, BF_LOG_TEXT);
	}
}

/* Copies the record with the lowest seq that is not below @from. */
static bool next_record(uint64_t from, struct bf_log_record *best)
{
	best->seq = 0;
	for (uint32_t i = 0; i < ring_count * BF_LOG_SLOTS; i++) {
		struct bf_log_record *r = &rings[i / BF_LOG_SLOTS].slot[i % BF_LOG_SLOTS];
		_Atomic uint64_t *seq = (_Atomic uint64_t *)&r->seq;
		uint64_t s = atomic_load_explicit(seq, memory_order_acquire);

		if (s < from || (best->seq && s >= best->seq) || !s)
			continue;
		struct bf_log_record copy = *r;
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(seq, memory_order_relaxed) == s && copy.seq == s)
			*best = copy;
	}
	return best->seq;
}

/* The page may be the control VM's: each of its fields is read once and indexes nothing. */
uint32_t bf_log_read(struct bf_log_page *page)
{
	uint64_t wanted = *(volatile uint64_t *)&page->from;
	uint64_t from = wanted ? wanted : 1, lost = 0;
	uint32_t count = 0;
	struct bf_log_record record;

	for (; count < BF_LOG_PAGE_RECORDS && next_record(from, &record); count++) {
		if (!count)
			lost = record.seq - from;
		from = record.seq + 1;
		page->record[count] = record;
	}
	page->lost = lost;
	page->count = count;
	page->from = from;
	return count;
}
