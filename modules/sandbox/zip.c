/* SPDX-License-Identifier: Apache-2.0
 * Writing ZIP archives without compression. */
#include "modules/sandbox/zip.h"

#include "core/base/buf.h"

#include <string.h>

#define LOCAL_HEADER 0x04034b50u
#define CENTRAL_HEADER 0x02014b50u
#define END_RECORD 0x06054b50u
#define VERSION 20
#define FIRST_DAY 0x21 /* 1980-01-01 */

static void put16(struct ch_buf *b, uint32_t v)
{
    ch_buf_putc(b, (char)(v & 0xff));
    ch_buf_putc(b, (char)(v >> 8 & 0xff));
}

static void put32(struct ch_buf *b, uint32_t v)
{
    put16(b, v & 0xffff);
    put16(b, v >> 16);
}

static uint32_t entry_crc(struct ch_bytes in)
{
    uint32_t c = 0xffffffffu;

    for (size_t i = 0; i < in.n; i++) {
        c ^= in.p[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

/* The fields that the local and the central header have in common, from "version needed" to "extra field length". */
static void put_common_fields(struct ch_buf *b, const struct zip_file *f)
{
    put16(b, VERSION);
    put16(b, 0); /* flags */
    put16(b, 0); /* method: stored */
    put16(b, 0); /* midnight */
    put16(b, FIRST_DAY);
    put32(b, entry_crc(f->bytes));
    put32(b, (uint32_t)f->bytes.n);
    put32(b, (uint32_t)f->bytes.n);
    put16(b, (uint32_t)strlen(f->name));
    put16(b, 0);
}

static void put_central_header(struct ch_buf *b, const struct zip_file *f, size_t at)
{
    put32(b, CENTRAL_HEADER);
    put16(b, VERSION);
    put_common_fields(b, f);
    put16(b, 0); /* comment */
    put16(b, 0); /* disk */
    put16(b, 0); /* attributes */
    put32(b, 0);
    put32(b, (uint32_t)at);
    ch_buf_puts(b, f->name);
}

struct ch_bytes zip_archive(struct ch_arena *a, const struct zip_file *files, size_t n)
{
    struct ch_buf out, central;

    ch_buf_init(&out, a);
    ch_buf_init(&central, a);
    for (size_t i = 0; i < n; i++) {
        put_central_header(&central, &files[i], out.n);
        put32(&out, LOCAL_HEADER);
        put_common_fields(&out, &files[i]);
        ch_buf_puts(&out, files[i].name);
        ch_buf_add(&out, files[i].bytes.p, files[i].bytes.n);
    }
    size_t at = out.n;
    ch_buf_add(&out, central.p, central.n);
    put32(&out, END_RECORD);
    put32(&out, 0); /* disks */
    put16(&out, (uint32_t)n);
    put16(&out, (uint32_t)n);
    put32(&out, (uint32_t)central.n);
    put32(&out, (uint32_t)at);
    put16(&out, 0);
    return ch_buf_bytes(&out);
}
