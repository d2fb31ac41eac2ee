/* SPDX-License-Identifier: MIT */
/*
 * The two halves of a layout: what holds data (layout.c), and how the VMM sees machine and
 * loader (layout_map.c).
 */
#ifndef BF_LAYOUT_MAP_H
#define BF_LAYOUT_MAP_H

#include <bfload/layout.h>

/* Checks the machine's memory map: sorted, page-aligned, no overlaps. */
int bf_layout_check_regions(const struct bf_machine *machine, struct bf_report *report);

/* Checks that all pages from the loader are RAM of the memory map: the VMM must reach them. */
int bf_layout_check_memory(const struct bf_layout *layout, const struct bf_machine *machine,
			   struct bf_report *report);

/* Maps all RAM at BF_VA_DIRECT_MAP. */
int bf_layout_map_ram(struct bf_layout *layout, const struct bf_machine *machine,
		      struct bf_report *report);

/* Maps the switch code and the records where the loader sees them. */
int bf_layout_map_switch(struct bf_layout *layout, const struct bf_machine *machine,
			 struct bf_report *report);

#endif
