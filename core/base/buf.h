/* SPDX-License-Identifier: Apache-2.0
 * A growing buffer for text or bytes in an arena. There is always a NUL behind its content. */
#ifndef CH_BASE_BUF_H
#define CH_BASE_BUF_H

#include "core/base/arena.h"

struct ch_buf {
    struct ch_arena *a;
    char *p;  /* valid until the next append or the arena's reset */
    size_t n; /* bytes in use, the NUL not counted */
    size_t cap;
};

void ch_buf_init(struct ch_buf *b, struct ch_arena *a);
void ch_buf_add(struct ch_buf *b, const void *p, size_t n);
void ch_buf_puts(struct ch_buf *b, const char *s);
void ch_buf_putc(struct ch_buf *b, char c);
void ch_buf_printf(struct ch_buf *b, const char *fmt, ...) CH_PRINTF(2, 3);
struct ch_bytes ch_buf_bytes(const struct ch_buf *b);

#endif
