/* SPDX-License-Identifier: Apache-2.0
 * What pictures say of their own extent, and which of them are refused before anything is decoded. */
#include "core/paper/extent.h"

#include "core/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

static void add_little(struct ch_buf *b, unsigned long n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        ch_buf_add(b, &(char){(char)(n >> 8 * i)}, 1);
}

static void add_big(struct ch_buf *b, unsigned long n, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        ch_buf_add(b, &(char){(char)(n >> 8 * i)}, 1);
}

#define ADD(b, literal) ch_buf_add(b, literal, sizeof(literal) - 1)

static struct ch_bytes bytes_of(const struct ch_buf *b)
{
    return CH_BYTES(b->p, b->n);
}

/* A GIF with a colour table, an extension, and frames with tables of their own; between them bytes that begin no block. */
static struct ch_bytes gif(unsigned width, unsigned height, int frames, unsigned frame_side)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ADD(&b, "GIF89a");
    add_little(&b, width, 2);
    add_little(&b, height, 2);
    ADD(&b, "\x80\0\0"
            "\0\0\0\xff\xff\xff");
    for (int i = 0; i < frames; i++) {
        ADD(&b, "!\xf9\4\0\0\0\0\0"
                "\0"
                ",\0\0\0\0");
        add_little(&b, frame_side, 2);
        add_little(&b, frame_side, 2);
        ADD(&b, "\x80"
                ",,,;;;"
                "\2\2D\1\0");
    }
    ADD(&b, ";");
    return bytes_of(&b);
}

static struct ch_bytes png(unsigned long width, unsigned long height)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ADD(&b, "\x89PNG\r\n\x1a\n"
            "\0\0\0\x0dIHDR");
    add_big(&b, width, 4);
    add_big(&b, height, 4);
    ADD(&b, "\10\2\0\0\0");
    return bytes_of(&b);
}

static struct ch_bytes bmp(unsigned long header, unsigned long width, unsigned long height)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ADD(&b, "BM\0\0\0\0\0\0\0\0\0\0\0\0");
    add_little(&b, header, 4);
    add_little(&b, width, header == 12 ? 2 : 4);
    add_little(&b, height, header == 12 ? 2 : 4);
    ADD(&b, "\1\0\x18\0");
    return bytes_of(&b);
}

/* A JPEG whose thumbnail, in a segment of its own, has another size, with `passes` scans. */
static struct ch_bytes jpeg(unsigned width, unsigned height, int passes)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ADD(&b, "\xff\xd8\xff\xe1\0\x0a\xff\xc0\0\x0b\x08\xff\xff\xff"); /* 8 bytes behind the length */
    ADD(&b, "\xff\xff\xc2\0\x0b\x08");
    add_big(&b, height, 2);
    add_big(&b, width, 2);
    ADD(&b, "\1\1\x11\0");
    for (int i = 0; i < passes; i++)
        ADD(&b, "\xff\xda\0\x08\1\1\0\0\x3f\0"
                "data\xff\0more\xff\xd0"
                "data");
    ADD(&b, "\xff\xd9");
    return bytes_of(&b);
}

static struct ch_extent extent(struct ch_bytes file)
{
    struct ch_extent x;

    assert_true(ch_extent_read(file, &x));
    return x;
}

static void assert_extent(struct ch_bytes file, int64_t width, int64_t height, int frames, int passes)
{
    struct ch_extent x = extent(file);

    assert_int_equal(x.width, width);
    assert_int_equal(x.height, height);
    assert_int_equal(x.frames, frames);
    assert_int_equal(x.passes, passes);
}

static void headers_are_read(void **state)
{
    (void)state;
    assert_extent(gif(640, 480, 1, 16), 640, 480, 1, 1);
    assert_extent(gif(1, 1, 3, 65535), 65535, 65535, 3, 1);
    assert_extent(png(100000, 7), 100000, 7, 1, 1);
    assert_extent(bmp(40, 2480, 3508), 2480, 3508, 1, 1);
    assert_extent(bmp(40, 2480, 0xfffffffful - 3507), 2480, 3508, 1, 1);
    assert_extent(bmp(12, 640, 480), 640, 480, 1, 1);
    assert_extent(jpeg(4961, 7016, 10), 4961, 7016, 1, 10);
}

static void no_size_is_no_extent(void **state)
{
    struct ch_bytes whole[] = {gif(640, 480, 1, 16), png(640, 480), bmp(40, 640, 480), jpeg(640, 480, 1)};
    struct ch_extent x;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(whole); i++)
        for (size_t n = 0; n < whole[i].n; n++) { /* no cut makes it read beyond the end, or sees more than there is */
            if (!ch_extent_read(CH_BYTES(whole[i].p, n), &x))
                continue;
            assert_in_range(x.width, 1, 640);
            assert_in_range(x.height, 1, 480);
        }
    assert_false(ch_extent_read(CH_LIT("%PDF-1.7 and more"), &x));
    assert_false(ch_extent_read(CH_LIT("GIF89a"), &x));
    assert_false(ch_extent_read(png(0, 480), &x));
    assert_false(ch_extent_read(CH_LIT("\xff\xd8\xff\xd9"), &x));
}

static void assert_refused(struct ch_bytes file, const char *because)
{
    struct ch_extent x = extent(file);
    const char *said = ch_extent_wrong(a, &x);

    assert_non_null(said);
    assert_non_null(strstr(said, because));
}

static void too_much_is_refused(void **state)
{
    struct ch_bytes good[] = {gif(12000, 5000, 1, 16), png(4961, 7016), bmp(40, 12000, 5000), jpeg(8192, 6144, 64)};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(good); i++) {
        struct ch_extent x = extent(good[i]);
        assert_null(ch_extent_wrong(a, &x));
    }
    assert_refused(gif(12000, 12000, 1, 1), "12000×12000 像素");
    assert_refused(gif(1, 1, 1, 12001), "像素");
    assert_refused(gif(100, 100, 2, 100), "动图");
    assert_refused(png(12001, 1), "像素");
    assert_refused(png(0xffffffff, 0xffffffff), "像素");
    assert_refused(bmp(40, 1, 0x80000000), "像素");
    assert_refused(bmp(40, 8000, 8000), "像素");
    assert_refused(jpeg(65535, 65535, 1), "像素");
    assert_refused(jpeg(640, 480, 65), "另存为普通 JPG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(no_size_is_no_extent),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
