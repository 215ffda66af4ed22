/* SPDX-License-Identifier: Apache-2.0
 * Stamps found in scans that are drawn here: askew, over print, beside other red; and what is politely refused. */
#include "programs/picture/picture.h"

#include "core/sealpicture/sealpicture.h"

#include <cairo.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 900
#define HEIGHT 1200

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

struct bytes {
    struct ch_bytes rest;
};

static cairo_status_t take(void *ctx, unsigned char *data, unsigned n)
{
    struct bytes *b = ctx;

    if (n > b->rest.n)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(data, b->rest.p, n);
    b->rest = CH_BYTES(b->rest.p + n, b->rest.n - n);
    return CAIRO_STATUS_SUCCESS;
}

/* A page of yellowish paper. */
static cairo_t *page(void)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *c = cairo_create(s);

    cairo_set_source_rgb(c, 0.97, 0.96, 0.92);
    cairo_paint(c);
    cairo_surface_destroy(s);
    return c;
}

/* Stamps a drawn stamp of `size` dots around a place, turned by `degrees` clockwise. */
static void put_stamp(cairo_t *c, const char *kind, const char *name, double x, double y, double size, double degrees)
{
    struct ch_sealpicture p;
    struct ch_fault f = {0};

    assert_int_equal(ch_sealpicture_draw(a, &f, &(struct ch_sealpicture_words){kind, name, NULL, NULL}, &p), CH_OK);
    struct bytes b = {p.png};
    cairo_surface_t *s = cairo_image_surface_create_from_png_stream(take, &b);
    double side = cairo_image_surface_get_width(s);
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_rotate(c, degrees * M_PI / 180);
    cairo_scale(c, size / side, size / side);
    cairo_set_source_surface(c, s, -side / 2, -side / 2);
    cairo_paint(c);
    cairo_restore(c);
    cairo_surface_destroy(s);
}

static struct scan scan_of(cairo_t *c, double dots_per_mm)
{
    cairo_surface_t *s = cairo_get_target(c);
    unsigned char *rgb = ch_alloc(a, 3 * WIDTH * HEIGHT), *to = rgb;

    cairo_surface_flush(s);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++, to += 3) {
            uint32_t v;
            memcpy(&v, cairo_image_surface_get_data(s) + y * cairo_image_surface_get_stride(s) + 4 * x, 4);
            to[0] = (unsigned char)(v >> 16);
            to[1] = (unsigned char)(v >> 8);
            to[2] = (unsigned char)v;
        }
    cairo_destroy(c);
    return (struct scan){WIDTH, HEIGHT, rgb, dots_per_mm};
}

static enum picture_end cut(cairo_t *c, const char *kind, double dots_per_mm, struct cutting *out)
{
    struct scan s = scan_of(c, dots_per_mm);

    return picture_cut(a, &s, picture_kind(kind), out);
}

static int cover(const struct cutting *c, double x, double y) /* from the middle, in halves of the side */
{
    int px = (int)lround((c->pixels.width - 1) * (1 + x) / 2), py = (int)lround((c->pixels.height - 1) * (1 + y) / 2);

    return c->pixels.rgba[4 * ((size_t)py * (size_t)c->pixels.width + (size_t)px) + 3];
}

static void check_upright(const struct cutting *c)
{
    assert_true(cover(c, 0, -0.31) > 200); /* the star's point, 6.8 of 20 from the middle */
    assert_true(cover(c, 0, 0.31) < 60);
    for (int i = 0; i < 360; i += 5)
        assert_true(cover(c, 0.97 * cos(i * M_PI / 180), 0.97 * sin(i * M_PI / 180)) > 150);
}

static void a_round_stamp_is_put_upright(void **state)
{
    (void)state;
    for (int degrees = -30; degrees <= 30; degrees += 10) {
        struct cutting out;
        cairo_t *c = page();
        put_stamp(c, "unit", "深圳市示范科技有限公司", 500, 700, 330, degrees);
        assert_int_equal(cut(c, "unit", 0, &out), PICTURE_OK);
        assert_true(abs(out.pixels.width - 330) <= 4);
        assert_int_equal(out.mm, 40);
        check_upright(&out);
    }
}

static void of_several_the_one_asked_for_is_taken(void **state)
{
    (void)state;
    static const int sizes[] = {240, 200, 260, 320}; /* as one reads; the first two a little askew on their line */
    cairo_t *c = page();

    put_stamp(c, "unit", "示范科技有限公司", 200, 210, sizes[0], 0);
    put_stamp(c, "unit", "示范科技有限公司", 600, 180, sizes[1], 0);
    put_stamp(c, "unit", "示范科技有限公司", 300, 550, sizes[2], 0);
    put_stamp(c, "unit", "示范科技有限公司", 600, 950, sizes[3], 0);
    struct scan s = scan_of(c, 0);
    for (int i = 0; i <= 5; i++) {
        struct wish w = *picture_kind("unit");
        struct cutting out;
        w.nth = i;
        enum picture_end e = picture_cut(a, &s, &w, &out);
        assert_int_equal(e, i > 4 ? PICTURE_NONE : PICTURE_OK);
        if (e == PICTURE_OK)
            assert_true(abs(out.pixels.width - sizes[i == 0 ? 3 : i - 1]) <= 4);
    }
}

static void a_square_stamp_is_put_upright(void **state)
{
    (void)state;
    for (int degrees = -24; degrees <= 24; degrees += 8) {
        struct cutting out;
        cairo_t *c = page();
        put_stamp(c, "person", "王小明", 300, 300, 200, degrees);
        assert_int_equal(cut(c, "person", 0, &out), PICTURE_OK);
        assert_true(abs(out.pixels.width - 200) <= 5);
        assert_int_equal(out.mm, 20);
        for (double t = -0.9; t <= 0.9; t += 0.05)
            assert_true(cover(&out, t, -0.95) > 120 && cover(&out, t, 0.95) > 120 && cover(&out, -0.95, t) > 120);
    }
}

static void the_resolution_tells_the_size(void **state)
{
    (void)state;
    struct cutting out;
    cairo_t *c = page();

    put_stamp(c, "unit", "示范公司", 450, 600, 450, 0);
    assert_int_equal(cut(c, "unit", 450 / 45.0, &out), PICTURE_OK);
    assert_int_equal(out.mm, 45);
    c = page();
    put_stamp(c, "unit", "示范公司", 450, 600, 450, 0);
    assert_int_equal(cut(c, "unit", 450 / 200.0, &out), PICTURE_OK); /* a stamp of 20 cm: the scan's word is not believed */
    assert_int_equal(out.mm, 40);
}

static void black_print_is_left_out(void **state)
{
    (void)state;
    struct cutting out;
    cairo_t *c = page();

    put_stamp(c, "unit", "示范公司", 450, 600, 400, 0);
    cairo_set_source_rgb(c, 0.1, 0.1, 0.1);
    cairo_rectangle(c, 100, 700, 700, 6); /* across, below the star */
    cairo_fill(c);
    assert_int_equal(cut(c, "unit", 0, &out), PICTURE_OK);
    assert_int_equal(cover(&out, 0, 0.515), 0);
    check_upright(&out);
    const unsigned char *ink = out.pixels.rgba;
    for (long i = 0; i < (long)out.pixels.width * out.pixels.height; i++, ink += 4)
        assert_true(ink[3] == 0 || (ink[0] > 150 && ink[1] < 110 && ink[2] < 110));
}

static void the_larger_of_two_is_taken(void **state)
{
    (void)state;
    struct cutting out;
    cairo_t *c = page();

    put_stamp(c, "person", "王伟", 150, 200, 110, 0);
    put_stamp(c, "unit", "示范公司", 500, 800, 300, 0);
    assert_int_equal(cut(c, "unit", 0, &out), PICTURE_OK);
    assert_true(abs(out.pixels.width - 300) <= 4);
}

static void ask(enum picture_end wanted, const char *kind, cairo_t *c)
{
    struct cutting out;

    assert_int_equal(cut(c, kind, 0, &out), wanted);
}

static void red_rectangle(cairo_t *c, double x, double y, double w, double h)
{
    cairo_set_source_rgb(c, 0.85, 0.1, 0.1);
    cairo_rectangle(c, x, y, w, h);
    cairo_fill(c);
}

static void what_is_no_stamp_is_refused(void **state)
{
    (void)state;
    cairo_t *c = page();
    ask(PICTURE_NONE, "unit", c);
    c = page();
    put_stamp(c, "unit", "示范公司", 450, 600, 60, 0);
    ask(PICTURE_SMALL, "unit", c);
    c = page();
    put_stamp(c, "unit", "示范公司", 840, 600, 300, 0);
    ask(PICTURE_CUT, "unit", c);
    c = page();
    red_rectangle(c, 200, 300, 420, 100);
    ask(PICTURE_SHAPE, "unit", c);
    c = page();
    cairo_set_source_rgb(c, 0.85, 0.1, 0.1);
    cairo_arc(c, 450, 600, 120, 0, 2 * M_PI); /* an emblem */
    cairo_fill(c);
    ask(PICTURE_SHAPE, "unit", c);
    c = page();
    put_stamp(c, "person", "王小明", 450, 600, 200, 0); /* square where it must be round */
    ask(PICTURE_SHAPE, "unit", c);
    c = page();
    red_rectangle(c, 0, 0, WIDTH, HEIGHT); /* red paper */
    ask(PICTURE_NONE, "unit", c);
}

/* Every dot becomes the mean of those around it. */
static struct scan blur(const struct scan *s, int reach)
{
    unsigned char *rgb = ch_alloc(a, 3 * WIDTH * HEIGHT);

    memset(rgb, 250, 3 * WIDTH * HEIGHT);
    for (int y = reach; y < HEIGHT - reach; y++)
        for (int x = reach; x < WIDTH - reach; x++)
            for (int k = 0; k < 3; k++) {
                int sum = 0;
                for (int dy = -reach; dy <= reach; dy++)
                    for (int dx = -reach; dx <= reach; dx++)
                        sum += s->rgb[3 * ((y + dy) * WIDTH + x + dx) + k];
                rgb[3 * (y * WIDTH + x) + k] = (unsigned char)(sum / ((2 * reach + 1) * (2 * reach + 1)));
            }
    return (struct scan){WIDTH, HEIGHT, rgb, 0};
}

static void a_blurred_one_is_refused(void **state)
{
    (void)state;
    struct cutting out;
    cairo_t *c = page();

    put_stamp(c, "unit", "深圳市示范科技有限公司", 450, 600, 300, 0);
    struct scan sharp = scan_of(c, 0), soft = blur(&sharp, 1), gone = blur(&sharp, 6);
    assert_int_equal(picture_cut(a, &sharp, picture_kind("unit"), &out), PICTURE_OK);
    assert_int_equal(picture_cut(a, &soft, picture_kind("unit"), &out), PICTURE_OK);
    assert_int_equal(picture_cut(a, &gone, picture_kind("unit"), &out), PICTURE_BLURRED);
}

static void files_are_decoded_or_refused(void **state)
{
    (void)state;
    static const char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    static const char *const wrong[] = {"",
                                        "x",
                                        "%PDF-1.7 and more",
                                        "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                        "II*\0 a TIFF",
                                        "\x89PNG\r\n\x1a\n",
                                        "BMBMBMBMBMBMBMBM",
                                        "\xff\xd8\xff\xe0 nothing"};
    struct scan s;
    struct ch_pixels dots = {2, 2, (unsigned char *)ch_strdup(a, "0123456789abcde")};

    assert_int_equal(picture_decode(a, CH_LIT(gif), &s), PICTURE_OK);
    assert_int_equal(s.width, 1);
    assert_int_equal(picture_decode(a, ch_png(a, &dots, 300 / 25.4), &s), PICTURE_OK);
    assert_int_equal(s.height, 2);
    assert_true(fabs(s.dots_per_mm - 300 / 25.4) < 0.05);
    for (size_t i = 0; i < CH_COUNT(wrong); i++)
        assert_int_equal(picture_decode(a, CH_BYTES(wrong[i], strlen(wrong[i])), &s), PICTURE_UNREADABLE);
}

/* The size that the header says limits the cost of a file of 60 bytes before a decoder sees it (core/paper/extent.h). */
static void what_announces_too_much_is_not_decoded(void **state)
{
    char canvas[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    static const char frames[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0"
                                 ",\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    struct scan s;

    (void)state;
    assert_int_equal(picture_decode(a, CH_LIT(canvas), &s), PICTURE_OK);
    memcpy(canvas + 6, "\xe0\x2e\xe0\x2e", 4); /* 12000 by 12000 */
    assert_int_equal(picture_decode(a, CH_LIT(canvas), &s), PICTURE_UNREADABLE);
    assert_int_equal(picture_decode(a, CH_LIT(frames), &s), PICTURE_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_stamp_is_put_upright),  cmocka_unit_test(of_several_the_one_asked_for_is_taken),
        cmocka_unit_test(a_square_stamp_is_put_upright), cmocka_unit_test(the_resolution_tells_the_size),
        cmocka_unit_test(black_print_is_left_out),       cmocka_unit_test(the_larger_of_two_is_taken),
        cmocka_unit_test(what_is_no_stamp_is_refused),   cmocka_unit_test(a_blurred_one_is_refused),
        cmocka_unit_test(files_are_decoded_or_refused),  cmocka_unit_test(what_announces_too_much_is_not_decoded),
    };

    return cmocka_run_group_tests_name("picture", tests, begin, end);
}
