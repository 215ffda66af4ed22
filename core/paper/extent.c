/* SPDX-License-Identifier: Apache-2.0
 * Reads the headers of pictures. Where a format leaves room, the decoder's own reading is followed: gdk-pixbuf skips bytes between
 * the blocks of a GIF that begin no block. */
#include "core/paper/extent.h"

#include <string.h>

/* A place in the file. Reading beyond the end gives zeros and sets `ended`. */
struct cursor {
    struct ch_bytes file;
    size_t at;
    bool ended;
};

static unsigned next_byte(struct cursor *c)
{
    if (c->at < c->file.n)
        return c->file.p[c->at++];
    c->ended = true;
    return 0;
}

static void skip(struct cursor *c, size_t n)
{
    c->ended = c->ended || n > c->file.n - c->at;
    c->at = c->ended ? c->file.n : c->at + n;
}

static int64_t little16(struct cursor *c)
{
    unsigned low = next_byte(c);
    return low | next_byte(c) << 8;
}

static int64_t big16(struct cursor *c)
{
    unsigned high = next_byte(c);
    return high << 8 | next_byte(c);
}

static int64_t little32(struct cursor *c)
{
    int64_t low = little16(c);
    return low | little16(c) << 16;
}

static int64_t big32(struct cursor *c)
{
    int64_t high = big16(c);
    return high << 16 | big16(c);
}

static void grow(struct ch_extent *x, int64_t width, int64_t height)
{
    x->width = width > x->width ? width : x->width;
    x->height = height > x->height ? height : x->height;
}

/* ---- GIF ---- */

static void skip_colours(struct cursor *c, unsigned flags)
{
    if ((flags & 0x80) != 0)
        skip(c, (size_t)3 << ((flags & 7) + 1));
}

static void skip_sub_blocks(struct cursor *c)
{
    unsigned n;

    while ((n = next_byte(c)) != 0)
        skip(c, n);
}

static void read_gif(struct cursor *c, struct ch_extent *x)
{
    skip(c, 6);
    x->width = little16(c);
    x->height = little16(c);
    x->frames = 0;
    unsigned flags = next_byte(c);
    skip(c, 2);
    skip_colours(c, flags);
    while (!c->ended) {
        unsigned block = next_byte(c);
        if (block == ';')
            return;
        if (block == '!') {
            skip(c, 1);
            skip_sub_blocks(c);
        } else if (block == ',') {
            skip(c, 4);
            int64_t width = little16(c);
            grow(x, width, little16(c));
            skip_colours(c, next_byte(c));
            skip(c, 1);
            skip_sub_blocks(c);
            x->frames++;
        }
    }
}

/* ---- JPEG ---- */

static bool starts_frame(unsigned marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static bool stands_alone(unsigned marker)
{
    return marker == 0x00 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

static void read_segment(struct cursor *c, unsigned marker, struct ch_extent *x)
{
    size_t start = c->at;
    int64_t length = big16(c);

    if (starts_frame(marker)) {
        skip(c, 1);
        int64_t height = big16(c);
        grow(x, big16(c), height);
    }
    x->passes += marker == 0xda;
    c->at = start;
    skip(c, length >= 2 ? (size_t)length : 2);
}

static void read_jpeg(struct cursor *c, struct ch_extent *x)
{
    x->passes = 0;
    while (!c->ended) {
        if (next_byte(c) != 0xff) /* compressed data, between the segments */
            continue;
        unsigned marker = next_byte(c);
        while (marker == 0xff)
            marker = next_byte(c);
        if (marker == 0xd9)
            return;
        if (!stands_alone(marker))
            read_segment(c, marker, x);
    }
}

/* ---- PNG and BMP ---- */

static void read_png(struct cursor *c, struct ch_extent *x)
{
    skip(c, 16); /* the signature, and length and name of the first chunk */
    x->width = big32(c);
    x->height = big32(c);
}

static void read_bmp(struct cursor *c, struct ch_extent *x)
{
    skip(c, 14);
    bool old = little32(c) == 12; /* the header of OS/2 has 16 bits for each side */
    x->width = old ? little16(c) : little32(c);
    x->height = old ? little16(c) : (int32_t)little32(c);
    x->height = x->height < 0 ? -x->height : x->height; /* rows from the top */
}

bool ch_extent_read(struct ch_bytes file, struct ch_extent *out)
{
    static const struct {
        struct ch_bytes head;
        void (*read)(struct cursor *c, struct ch_extent *x);
    } formats[] = {
        {{(const unsigned char *)"GIF8", 4}, read_gif},
        {{(const unsigned char *)"\xff\xd8\xff", 3}, read_jpeg},
        {{(const unsigned char *)"\x89PNG\r\n\x1a\n", 8}, read_png},
        {{(const unsigned char *)"BM", 2}, read_bmp},
    };
    struct cursor c = {file, 0, false};

    *out = (struct ch_extent){.frames = 1, .passes = 1};
    for (size_t i = 0; i < CH_COUNT(formats); i++)
        if (file.n > formats[i].head.n && memcmp(file.p, formats[i].head.p, formats[i].head.n) == 0) {
            formats[i].read(&c, out);
            return out->width > 0 && out->height > 0;
        }
    return false;
}

const char *ch_extent_wrong(struct ch_arena *a, const struct ch_extent *x)
{
    if (x->width > CH_EXTENT_SIDE_MAX || x->height > CH_EXTENT_SIDE_MAX || x->width * x->height > CH_EXTENT_DOTS_MAX)
        return ch_printf(a,
                         "图片有 %lld×%lld 像素，超出了可以处理的范围（每边不超过 %d，总数不超过 %d 万），"
                         "请以 300 DPI 重新扫描，或缩小后再上传。",
                         (long long)x->width, (long long)x->height, CH_EXTENT_SIDE_MAX, CH_EXTENT_DOTS_MAX / 10000);
    if (x->frames > 1)
        return "这是由多帧组成的动图，请上传静态图片。";
    if (x->passes > CH_EXTENT_PASSES_MAX)
        return "这个 JPG 文件的编码方式过于复杂，请用看图软件另存为普通 JPG 后再上传。";
    return NULL;
}
