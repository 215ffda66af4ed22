/* SPDX-License-Identifier: Apache-2.0
 * Memory of one request (or one job): everything is taken from the arena and nothing is freed singly.
 *
 * Running out of memory is not an error value: the process ends, supervisor starts it anew and PostgreSQL
 * rolls back. libfcgi and yajl do the same. The defence against large input is a cap before allocation.
 *
 * Configured with --enable-debug-arena each piece is a malloc of its own, so that sanitizers see its bounds. */
#ifndef CH_BASE_ARENA_H
#define CH_BASE_ARENA_H

#include "core/base/defs.h"

struct ch_arena;

/* A new, empty arena; the caller owns it and ends it with ch_arena_free. */
struct ch_arena *ch_arena_new(void);
/* Runs the clean-ups, gives everything back but one small block, leaves the arena ready for use. */
void ch_arena_reset(struct ch_arena *a);
void ch_arena_free(struct ch_arena *a);

/* `n` zeroed bytes, aligned for any type, valid until the reset. Never NULL. */
void *ch_alloc(struct ch_arena *a, size_t n);
/* `count` zeroed elements of `size` bytes; ends the process when the product overflows. */
void *ch_alloc_array(struct ch_arena *a, size_t count, size_t size);
#define CH_NEW(a, type) ((type *)ch_alloc((a), sizeof(type)))

char *ch_strdup(struct ch_arena *a, const char *s);
/* The first `n` bytes of `p` with a NUL behind them. */
char *ch_strndup(struct ch_arena *a, const void *p, size_t n);
char *ch_printf(struct ch_arena *a, const char *fmt, ...) CH_PRINTF(2, 3);
struct ch_bytes ch_bytes_dup(struct ch_arena *a, struct ch_bytes b);

/* Calls fn(ptr) at the reset or end of the arena, last registered first. For what is not memory: files, results,
 * keys. */
void ch_defer(struct ch_arena *a, void (*fn)(void *), void *ptr);

/* Like ch_alloc, but the bytes are cleansed at the reset: for keys, PINs and passwords. */
void *ch_alloc_secret(struct ch_arena *a, size_t n);

#endif
