/* SPDX-License-Identifier: Apache-2.0
 * The arena: a list of blocks, and a list of clean-ups. */
#include "core/base/arena.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN _Alignof(max_align_t)
#ifdef CH_DEBUG_ARENA
#define BLOCK_BYTES 0 /* every allocation gets a block of its own */
#else
#define BLOCK_BYTES ((size_t)16 * 1024)
#endif

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char data[];
};

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *);
    void *ptr;
};

struct ch_arena {
    struct block *blocks;
    struct cleanup *cleanups;
};

struct secret {
    size_t n;
    _Alignas(max_align_t) unsigned char data[];
};

static void *malloc_or_abort(size_t n)
{
    void *p = malloc(n);
    if (p == NULL) {
        fputs("{\"level\":\"error\",\"msg\":\"out of memory\"}\n", stderr);
        abort();
    }
    return p;
}

struct ch_arena *ch_arena_new(void)
{
    struct ch_arena *a = malloc_or_abort(sizeof *a);
    a->blocks = NULL;
    a->cleanups = NULL;
    return a;
}

static void run_cleanups(struct ch_arena *a)
{
    while (a->cleanups != NULL) {
        struct cleanup *c = a->cleanups;
        a->cleanups = c->next;
        c->fn(c->ptr);
    }
}

void ch_arena_reset(struct ch_arena *a)
{
    struct block *kept = NULL;

    run_cleanups(a);
    while (a->blocks != NULL) {
        struct block *b = a->blocks;
        a->blocks = b->next;
        if (kept == NULL && BLOCK_BYTES > 0 && b->size == BLOCK_BYTES)
            kept = b;
        else
            free(b);
    }
    if (kept != NULL) {
        kept->next = NULL;
        kept->used = 0;
    }
    a->blocks = kept;
}

void ch_arena_free(struct ch_arena *a)
{
    if (a == NULL)
        return;
    ch_arena_reset(a);
    free(a->blocks);
    free(a);
}

void *ch_alloc(struct ch_arena *a, size_t n)
{
    struct block *b = a->blocks;

    if (n > SIZE_MAX / 2)
        abort();
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (b == NULL || b->size - b->used < n) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        b = malloc_or_abort(sizeof *b + size);
        *b = (struct block){.next = a->blocks, .size = size};
        a->blocks = b;
    }
    void *p = b->data + b->used;
    b->used += n;
    return memset(p, 0, n);
}

void *ch_alloc_array(struct ch_arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        abort();
    return ch_alloc(a, n);
}

char *ch_strndup(struct ch_arena *a, const void *p, size_t n)
{
    char *s = ch_alloc(a, n + 1);
    if (n > 0)
        memcpy(s, p, n);
    return s;
}

char *ch_strdup(struct ch_arena *a, const char *s)
{
    return ch_strndup(a, s, strlen(s));
}

char *ch_printf(struct ch_arena *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    char *s = ch_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return s;
}

struct ch_bytes ch_bytes_dup(struct ch_arena *a, struct ch_bytes b)
{
    return CH_BYTES(ch_strndup(a, b.p, b.n), b.n);
}

void ch_defer(struct ch_arena *a, void (*fn)(void *), void *ptr)
{
    struct cleanup *c = CH_NEW(a, struct cleanup);
    c->fn = fn;
    c->ptr = ptr;
    c->next = a->cleanups;
    a->cleanups = c;
}

static void cleanse_secret(void *ptr)
{
    struct secret *s = ptr;
    OPENSSL_cleanse(s->data, s->n);
}

void *ch_alloc_secret(struct ch_arena *a, size_t n)
{
    struct secret *s = ch_alloc(a, sizeof *s + n);
    s->n = n;
    ch_defer(a, cleanse_secret, s);
    return s->data;
}
