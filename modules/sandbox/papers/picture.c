/* SPDX-License-Identifier: Apache-2.0
 * Putting a note into a PNG or JPEG, and reading it. */
#include "modules/sandbox/papers/picture.h"

#include "core/base/buf.h"
#include "core/base/codec.h"

#include <string.h>

/* The keyword of the tEXt chunk, and the beginning of a JPEG comment, with its NUL. The note follows as base64, since tEXt is
 * Latin-1. */
#define KEYWORD "Certhall"

static const unsigned char png_head[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static uint32_t read32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(struct ch_buf *b, uint32_t v)
{
    const unsigned char p[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8),
                                (unsigned char)v};
    ch_buf_add(b, p, sizeof p);
}

/* The CRC of a PNG chunk (ISO 3309), computed bit by bit since the chunk is short. */
static uint32_t chunk_crc(const char *p, size_t n)
{
    uint32_t c = 0xffffffff;

    for (size_t i = 0; i < n; i++) {
        c ^= (unsigned char)p[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
    }
    return ~c;
}

static bool is_png(struct ch_bytes b)
{
    return b.n > sizeof png_head && memcmp(b.p, png_head, sizeof png_head) == 0;
}

static bool is_jpeg(struct ch_bytes b)
{
    return b.n > 4 && b.p[0] == 0xff && b.p[1] == 0xd8 && b.p[2] == 0xff;
}

bool picture_known(struct ch_bytes b)
{
    return is_png(b) || is_jpeg(b);
}

static struct ch_bytes png_with_note(struct ch_arena *a, struct ch_bytes png, const char *text)
{
    const size_t head = sizeof png_head + 12 + 13; /* signature and IHDR, which must come first */
    struct ch_buf chunk, out;

    if (png.n < head)
        return png;
    ch_buf_init(&chunk, a);
    ch_buf_add(&chunk, "tEXt" KEYWORD, 4 + sizeof KEYWORD);
    ch_buf_puts(&chunk, text);
    ch_buf_init(&out, a);
    ch_buf_add(&out, png.p, head);
    put32(&out, (uint32_t)(chunk.n - 4));
    ch_buf_add(&out, chunk.p, chunk.n);
    put32(&out, chunk_crc(chunk.p, chunk.n));
    ch_buf_add(&out, png.p + head, png.n - head);
    return ch_buf_bytes(&out);
}

/* The comment goes after the start and APP0, which must come first. Its length field counts itself. */
static struct ch_bytes jpeg_with_note(struct ch_arena *a, struct ch_bytes jpeg, const char *text)
{
    size_t n = 2 + sizeof KEYWORD + strlen(text), head = 2;
    struct ch_buf out;

    if (jpeg.n > 6 && jpeg.p[3] == 0xe0)
        head += 2 + ((size_t)jpeg.p[4] << 8 | jpeg.p[5]);
    if (n > 0xffff || head > jpeg.n)
        return jpeg;
    const unsigned char begin[] = {0xff, 0xfe, (unsigned char)(n >> 8), (unsigned char)n};
    ch_buf_init(&out, a);
    ch_buf_add(&out, jpeg.p, head);
    ch_buf_add(&out, begin, sizeof begin);
    ch_buf_add(&out, KEYWORD, sizeof KEYWORD);
    ch_buf_puts(&out, text);
    ch_buf_add(&out, jpeg.p + head, jpeg.n - head);
    return ch_buf_bytes(&out);
}

struct ch_bytes picture_with_note(struct ch_arena *a, struct ch_bytes picture, const char *note)
{
    const char *text = ch_base64(a, CH_BYTES(note, strlen(note)));

    if (is_png(picture))
        return png_with_note(a, picture, text);
    return is_jpeg(picture) ? jpeg_with_note(a, picture, text) : picture;
}

/* The note after the keyword, if the keyword is ours. */
static const char *read_note(struct ch_arena *a, const unsigned char *p, size_t n)
{
    struct ch_bytes text;

    if (n <= sizeof KEYWORD || memcmp(p, KEYWORD, sizeof KEYWORD) != 0 ||
        !ch_unbase64(a, ch_strndup(a, p + sizeof KEYWORD, n - sizeof KEYWORD), &text) ||
        !ch_utf8((const char *)text.p, text.n, NULL))
        return NULL;
    return ch_strndup(a, text.p, text.n);
}

static const char *png_note(struct ch_arena *a, struct ch_bytes b)
{
    for (size_t at = sizeof png_head; b.n - at >= 12;) {
        size_t n = read32(b.p + at);
        if (n > b.n - at - 12)
            return NULL;
        if (memcmp(b.p + at + 4, "tEXt", 4) == 0) {
            const char *note = read_note(a, b.p + at + 8, n);
            if (note != NULL)
                return note;
        }
        at += n + 12;
    }
    return NULL;
}

/* Searches the segments APP1 and COM before the start of the scan. */
static const char *jpeg_note(struct ch_arena *a, struct ch_bytes b)
{
    for (size_t at = 2; b.n - at >= 4 && b.p[at] == 0xff;) {
        unsigned marker = b.p[at + 1];
        size_t n = (size_t)b.p[at + 2] << 8 | b.p[at + 3];
        if (marker == 0xda || n < 2 || n > b.n - at - 2)
            return NULL;
        if (marker == 0xfe || marker == 0xe1) {
            const char *note = read_note(a, b.p + at + 4, n - 2);
            if (note != NULL)
                return note;
        }
        at += n + 2;
    }
    return NULL;
}

const char *picture_note(struct ch_arena *a, struct ch_bytes b)
{
    if (is_png(b))
        return png_note(a, b);
    return is_jpeg(b) ? jpeg_note(a, b) : NULL;
}
