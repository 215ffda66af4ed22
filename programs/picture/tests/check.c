/* SPDX-License-Identifier: Apache-2.0
 * Papers drawn here and looked at: sharp and blurred, with and without a stamp, with codes of the hall's and of others, as
 * pictures and as PDFs, and files that are nothing of the kind. */
#include "programs/picture/picture.h"

#include <cairo-pdf.h>
#include <cairo.h>
#include <math.h>
#include <qrencode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH 595 /* points of A4 */
#define HEIGHT 842
#define SCALE 2
#define CODE "CH1|179529110153539691|6573d1091a6c35cf484702d839362e37"

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

static cairo_status_t keep(void *ctx, const unsigned char *data, unsigned n)
{
    ch_buf_add(ctx, (const char *)data, n);
    return CAIRO_STATUS_SUCCESS;
}

static void print_text(cairo_t *c)
{
    cairo_set_source_rgb(c, 0.1, 0.1, 0.1);
    for (int line = 0; line < 30; line++) /* words of bars: sharp edges across and down, and no font */
        for (int x = 60; x < 460; x += 6 + (x * 7 + line) % 5) {
            cairo_rectangle(c, x, 120 + line * 18, 2 + (x + line) % 3, 5 + (x * line) % 4);
            cairo_fill(c);
        }
}

static void print_stamp(cairo_t *c)
{
    cairo_set_source_rgb(c, 0.85, 0.1, 0.1);
    cairo_set_line_width(c, 4);
    cairo_arc(c, 430, 700, 55, 0, 2 * M_PI);
    cairo_stroke(c);
    cairo_arc(c, 430, 700, 14, 0, 2 * M_PI);
    cairo_fill(c);
}

static void print_code(cairo_t *c, const char *text)
{
    QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    double dot = 74.0 / q->width; /* 26 mm */

    cairo_set_source_rgb(c, 0, 0, 0);
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1) {
                cairo_rectangle(c, 470 + x * dot, 30 + y * dot, dot, dot);
                cairo_fill(c);
            }
    QRcode_free(q);
}

struct what {
    bool text, stamped;
    const char *code;
    int blur; /* dots */
};

static void print(cairo_t *c, const struct what *w)
{
    cairo_set_source_rgb(c, 0.98, 0.97, 0.94);
    cairo_paint(c);
    if (w->text)
        print_text(c);
    if (w->code != NULL)
        print_code(c, w->code);
    if (w->stamped)
        print_stamp(c);
}

/* Scales the page down to a few dots and back, so that it is as blurred as these dots are wide. */
static cairo_surface_t *blurred(cairo_surface_t *s, int by)
{
    int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s);
    cairo_surface_t *small = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w / by, h / by);
    cairo_surface_t *out = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    cairo_t *c = cairo_create(small);

    cairo_scale(c, 1.0 / by, 1.0 / by);
    cairo_set_source_surface(c, s, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c), CAIRO_FILTER_BEST);
    cairo_paint(c);
    cairo_destroy(c);
    c = cairo_create(out);
    cairo_scale(c, by, by);
    cairo_set_source_surface(c, small, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c), CAIRO_FILTER_BILINEAR);
    cairo_paint(c);
    cairo_destroy(c);
    cairo_surface_destroy(small);
    cairo_surface_destroy(s);
    return out;
}

static struct ch_bytes png(const struct what *w)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH * SCALE, HEIGHT * SCALE);
    cairo_t *c = cairo_create(s);
    struct ch_buf out;

    cairo_scale(c, SCALE, SCALE);
    print(c, w);
    cairo_destroy(c);
    if (w->blur > 0)
        s = blurred(s, w->blur);
    ch_buf_init(&out, a);
    cairo_surface_write_to_png_stream(s, keep, &out);
    cairo_surface_destroy(s);
    return ch_buf_bytes(&out);
}

static struct ch_bytes pdf(const struct what *pages, int n)
{
    struct ch_buf out;

    ch_buf_init(&out, a);
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(keep, &out, WIDTH, HEIGHT);
    cairo_t *c = cairo_create(s);
    for (int i = 0; i < n; i++) {
        print(c, &pages[i]);
        cairo_show_page(c);
    }
    cairo_destroy(c);
    cairo_surface_destroy(s);
    return ch_buf_bytes(&out);
}

static struct verdict of(struct ch_bytes file)
{
    struct verdict v;

    assert_int_equal(picture_check(a, file, &v), PICTURE_OK);
    return v;
}

static void test_good(void **state)
{
    (void)state;
    const struct what w = {.text = true, .stamped = true, .code = CODE};
    struct verdict v = of(png(&w));

    assert_true(v.stamped && v.sharp);
    assert_int_equal(v.n, 1);
    assert_string_equal(v.codes[0], CODE);
    assert_string_equal(picture_said(a, PICTURE_OK, &(struct verdict){1, true, 55, true, {CODE}, 1}),
                        "ok 1 1 1 55\ncode " CODE "\n");
}

static void test_faults(void **state)
{
    (void)state;
    assert_false(of(png(&(struct what){.text = true})).stamped);
    struct verdict v = of(png(&(struct what){.text = true, .stamped = true, .blur = 12}));
    assert_true(v.stamped && !v.sharp);
    assert_false(of(png(&(struct what){0})).sharp); /* a white sheet cannot be read either */
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(of(png(&(struct what){.text = true, .code = "https://example.com/CH1|1|2"})).n, 0);
    assert_int_equal(of(png(&(struct what){.text = true, .code = "CH1|1|2\n3"})).n, 0);
    assert_int_equal(of(png(&(struct what){.text = true, .code = "CH1|1|{2,3}"})).n, 0);
    assert_string_equal(of(png(&(struct what){.text = true, .code = "CH1|1|aB|annex"})).codes[0], "CH1|1|aB|annex");
}

static void test_pdf(void **state)
{
    (void)state;
    const struct what pages[] = {
        {.text = true, .code = CODE}, {.text = true, .stamped = true}, {0}, {.text = true}, {.code = "CH1|9|9"}};
    struct verdict v = of(pdf(pages, 2));

    assert_int_equal(v.pages, 2);
    assert_true(v.stamped && v.sharp);
    assert_string_equal(v.codes[0], CODE);
    v = of(pdf(pages, 5)); /* what is behind the fourth is not looked at; an empty one says nothing */
    assert_int_equal(v.pages, PAPER_PAGES_MAX);
    assert_int_equal(v.n, 1);
    assert_true(v.sharp);
}

static void test_unreadable(void **state)
{
    (void)state;
    static const char *const files[] = {
        "",       "%PDF-1.4\n", "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
        "<svg/>", "GIF89a",     "\x89PNG\r\n\x1a\n"};
    struct verdict v;
    struct ch_bytes good = pdf(&(struct what){.text = true}, 1);

    for (size_t i = 0; i < CH_COUNT(files); i++) {
        assert_int_equal(picture_check(a, CH_BYTES(files[i], strlen(files[i])), &v), PICTURE_UNREADABLE);
        assert_string_equal(picture_said(a, PICTURE_UNREADABLE, &v), "no unreadable\n");
    }
    for (size_t n = 0; n < good.n; n += 1 + good.n / 40) { /* cut short anywhere: an answer, whichever */
        enum picture_end e = picture_check(a, CH_BYTES(good.p, n), &v);
        assert_true(e == PICTURE_OK || e == PICTURE_UNREADABLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, begin, end),
        cmocka_unit_test_setup_teardown(test_faults, begin, end),
        cmocka_unit_test_setup_teardown(test_codes, begin, end),
        cmocka_unit_test_setup_teardown(test_pdf, begin, end),
        cmocka_unit_test_setup_teardown(test_unreadable, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
