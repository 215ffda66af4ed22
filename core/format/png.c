/* SPDX-License-Identifier: Apache-2.0
 * Writes PNG files with libpng, and reads their size. */
#include "core/format/png.h"

#include <math.h>
#include <png.h>
#include <string.h>

static void append_to_buf(png_structp png, png_bytep data, size_t n)
{
    ch_buf_add(png_get_io_ptr(png), data, n);
}

static void nothing_to_flush(png_structp png)
{
    (void)png;
}

static void write_image(png_structp png, png_infop info, const struct ch_pixels *p, png_uint_32 per_metre)
{
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, 8, PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    for (int y = 0; y < p->height; y++)
        png_write_row(png, p->rgba + (size_t)y * (size_t)p->width * 4);
    png_write_end(png, info);
}

struct ch_bytes ch_png(struct ch_arena *a, const struct ch_pixels *p, double dots_per_mm)
{
    struct ch_buf *out = CH_NEW(a, struct ch_buf); /* in the arena, as it must survive a longjmp out of libpng */
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;

    if (info == NULL || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return CH_BYTES(NULL, 0);
    }
    ch_buf_init(out, a);
    png_set_write_fn(png, out, append_to_buf, nothing_to_flush);
    write_image(png, info, p, (png_uint_32)lround(dots_per_mm * 1000));
    png_destroy_write_struct(&png, &info);
    return ch_buf_bytes(out);
}

static uint32_t read_uint32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The content of a chunk before the picture data; NULL when there is none with that length. */
static const unsigned char *find_chunk(struct ch_bytes png, const char *name, uint32_t length)
{
    size_t at = 8;

    while (png.n >= 12 && at <= png.n - 12) {
        uint32_t n = read_uint32(png.p + at);
        if (n > png.n - at - 12 || memcmp(png.p + at + 4, "IDAT", 4) == 0)
            return NULL;
        if (memcmp(png.p + at + 4, name, 4) == 0)
            return n == length ? png.p + at + 8 : NULL;
        at += 12 + n;
    }
    return NULL;
}

bool ch_png_mm(struct ch_bytes png, int *width, int *height)
{
    static const unsigned char magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    const unsigned char *head, *size;

    *width = *height = 0;
    if (png.n < sizeof magic || memcmp(png.p, magic, sizeof magic) != 0 || (head = find_chunk(png, "IHDR", 13)) == NULL)
        return false;
    size = find_chunk(png, "pHYs", 9);
    if (size == NULL || size[8] != 1 || read_uint32(size) == 0 || read_uint32(size + 4) == 0)
        return true; /* only a ratio of the sides */
    *width = (int)lround(1000.0 * read_uint32(head) / read_uint32(size));
    *height = (int)lround(1000.0 * read_uint32(head + 4) / read_uint32(size + 4));
    return true;
}
