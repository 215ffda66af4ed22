/* SPDX-License-Identifier: Apache-2.0
 * The growing buffer. */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ch_buf_init(struct ch_buf *b, struct ch_arena *a)
{
    b->a = a;
    b->n = 0;
    b->cap = 256;
    b->p = ch_alloc(a, b->cap);
}

/* Makes room for `n` more bytes and the NUL. */
static void reserve(struct ch_buf *b, size_t n)
{
    if (n > SIZE_MAX / 4 - b->n)
        abort();
    if (b->cap - b->n > n)
        return;
    size_t cap = b->cap * 2;
    while (cap - b->n <= n)
        cap *= 2;
    char *p = ch_alloc(b->a, cap);
    memcpy(p, b->p, b->n);
    b->p = p;
    b->cap = cap;
}

void ch_buf_add(struct ch_buf *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void ch_buf_puts(struct ch_buf *b, const char *s)
{
    ch_buf_add(b, s, strlen(s));
}

void ch_buf_putc(struct ch_buf *b, char c)
{
    ch_buf_add(b, &c, 1);
}

void ch_buf_printf(struct ch_buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    reserve(b, (size_t)n);
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

struct ch_bytes ch_buf_bytes(const struct ch_buf *b)
{
    return CH_BYTES(b->p, b->n);
}
