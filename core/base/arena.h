/* SPDX-License-Identifier: Apache-2.0
 * The memory of one request or job: everything is allocated in the arena, and nothing is freed individually.
 *
 * When memory runs out, the process ends; supervisor restarts it and PostgreSQL rolls back. libfcgi and yajl do the same.
 * Large input is therefore refused before memory is allocated for it.
 *
 * With --enable-debug-arena each allocation is a malloc of its own, so that sanitizers see its bounds. */
#ifndef CH_BASE_ARENA_H
#define CH_BASE_ARENA_H

#include "core/base/defs.h"

struct ch_arena;

/* A new, empty arena, which the caller frees with ch_arena_free. */
struct ch_arena *ch_arena_new(void);
/* Runs the clean-ups and frees everything but one small block. The arena can be used again. */
void ch_arena_reset(struct ch_arena *a);
void ch_arena_free(struct ch_arena *a);

/* Allocates `n` zeroed bytes, aligned for any type and valid until the reset. Never NULL. */
void *ch_alloc(struct ch_arena *a, size_t n);
/* Allocates `count` zeroed elements of `size` bytes; the process ends when the product overflows. */
void *ch_alloc_array(struct ch_arena *a, size_t count, size_t size);
#define CH_NEW(a, type) ((type *)ch_alloc((a), sizeof(type)))

char *ch_strdup(struct ch_arena *a, const char *s);
/* Copies `n` bytes and puts a NUL behind them. */
char *ch_strndup(struct ch_arena *a, const void *p, size_t n);
char *ch_printf(struct ch_arena *a, const char *fmt, ...) CH_PRINTF(2, 3);
struct ch_bytes ch_bytes_dup(struct ch_arena *a, struct ch_bytes b);

/* Registers fn(ptr) to be called at the reset or end of the arena, in reverse order of registration: for resources other than
 * memory, such as files, results and keys. */
void ch_defer(struct ch_arena *a, void (*fn)(void *), void *ptr);

/* Like ch_alloc, but the bytes are cleansed at the reset: for keys, PINs and passwords. */
void *ch_alloc_secret(struct ch_arena *a, size_t n);

#endif
