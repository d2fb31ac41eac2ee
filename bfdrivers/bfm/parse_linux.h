/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Making sense of what Linux says in /proc and /sys. Nothing here does I/O; all texts are
 * NUL-terminated.
 */
#ifndef BFM_PARSE_LINUX_H
#define BFM_PARSE_LINUX_H

#include <stddef.h>

#include "facts.h"

/** "6.1.0-28-amd64"; 0.0 if it does not start with two numbers. */
void bfm_parse_release(const char *release, unsigned int *major, unsigned int *minor);

/** The choice in brackets of "none [integrity] confidentiality". */
enum bfm_lockdown bfm_parse_lockdown(const char *text);

/** "Y", "N", "1" or "0", as a boolean module parameter reads. */
enum bfm_answer bfm_parse_bool(const char *text);

/** Whether the "flags" of the first CPU in /proc/cpuinfo have the word @p flag. */
enum bfm_answer bfm_parse_cpu_flag(const char *cpuinfo, const char *flag);

/**
 * The numbers of a list such as "0-3,5".
 *
 * @param numbers  out: the first @p room of them, or NULL
 * @return how many there are, also beyond @p room; 0 if it is no such list
 */
uint32_t bfm_parse_cpu_list(const char *list, uint32_t *numbers, uint32_t room);

/** Bytes of a line such as "MemAvailable:  1024 kB" in /proc/meminfo, 0 if it is not there. */
uint64_t bfm_parse_meminfo(const char *meminfo, const char *name);

/** Whether CapEff in /proc/self/status has all bits of @p mask. */
enum bfm_answer bfm_parse_capabilities(const char *status, uint64_t mask);

/**
 * The file of a module in a modules.dep.
 *
 * @param path  out: relative to the folder of modules.dep
 * @return whether it was found and fits
 */
bool bfm_parse_modules_dep(const char *text, const char *module, char *path, size_t room);

/** Whether the words of a kernel command line have @p word. */
bool bfm_parse_cmdline(const char *cmdline, const char *word);

#endif
