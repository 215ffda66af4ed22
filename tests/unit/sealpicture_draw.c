/* SPDX-License-Identifier: Apache-2.0
 * Drawn seals: true size, red on nothing, the same picture every time; what cannot be drawn is refused in words. */
#include "core/format/png.h"
#include "core/sealpicture/sealpicture.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
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

static struct ch_sealpicture draw(const char *kind, const char *name, const char *line, const char *code)
{
    struct ch_sealpicture_words s = {kind, name, line, code};
    struct ch_sealpicture p;
    struct ch_fault f = {0};

    assert_int_equal(ch_sealpicture_draw(a, &f, &s, &p), CH_OK);
    return p;
}

static struct ch_pixels pixels(struct ch_bytes png)
{
    png_image image = {.version = PNG_IMAGE_VERSION};

    assert_int_not_equal(png_image_begin_read_from_memory(&image, png.p, png.n), 0);
    image.format = PNG_FORMAT_RGBA;
    struct ch_pixels p = {(int)image.width, (int)image.height, ch_alloc(a, PNG_IMAGE_SIZE(image))};
    assert_int_not_equal(png_image_finish_read(&image, NULL, p.rgba, 0, NULL), 0);
    return p;
}

/* Cover at a place of the picture in millimetres from its middle. */
static int cover(const struct ch_pixels *p, double x, double y)
{
    int px = (int)lround(p->width / 2.0 + x * CH_SEALPICTURE_DPI / 25.4);
    int py = (int)lround(p->height / 2.0 + y * CH_SEALPICTURE_DPI / 25.4);

    return p->rgba[4 * ((size_t)py * (size_t)p->width + (size_t)px) + 3];
}

static void a_round_seal_has_its_true_size(void **state)
{
    (void)state;
    struct ch_sealpicture p = draw("unit", "深圳市示范科技有限公司", NULL, "4403050000001");
    struct ch_pixels dots = pixels(p.png);
    int w, h;

    assert_int_equal(p.width, 40);
    assert_true(ch_png_mm(p.png, &w, &h));
    assert_int_equal(w, 40);
    assert_int_equal(h, 40);
    assert_int_equal(dots.width, 945); /* 40 mm at 600 dpi */
    assert_non_null(memmem(p.svg.p, p.svg.n, "width=\"40mm\"", 12));
    assert_non_null(memmem(p.svg.p, p.svg.n, "viewBox=\"0 0 40 40\"", 19));
    for (int i = 0; i < 360; i++) { /* the ring, all around; nothing outside of it, and a gap within */
        double t = i * M_PI / 180;
        assert_true(cover(&dots, 19.4 * cos(t), 19.4 * sin(t)) > 250);
        assert_int_equal(cover(&dots, 18.4 * cos(t), 18.4 * sin(t)), 0);
    }
    assert_int_equal(cover(&dots, -19.9, -19.9), 0);
    assert_int_equal(cover(&dots, 0, 0), 255);    /* the star */
    assert_int_equal(cover(&dots, 0, -6.4), 255); /* a point of it upwards */
    assert_int_equal(cover(&dots, 0, 6.4), 0);    /* none downwards */
}

static void ink_is_red_and_the_rest_is_nothing(void **state)
{
    (void)state;
    struct ch_sealpicture p = draw("person", "王小明", NULL, NULL);
    struct ch_pixels d = pixels(p.png);
    long inked = 0, clear = 0;

    for (long i = 0; i < (long)d.width * d.height; i++) {
        const unsigned char *q = d.rgba + 4 * i;
        clear += q[3] == 0;
        if (q[3] < 200)
            continue;
        inked++;
        assert_true(q[0] > 200 && q[1] < 30 && q[2] < 40);
    }
    assert_int_equal(p.width, 20);
    assert_true(inked > d.width * d.height / 5);
    assert_true(clear > d.width * d.height / 3);
}

/* The angle, clockwise from the top, that the name reaches to the right and to the left. */
static void name_span(const struct ch_pixels *d, double *left, double *right)
{
    *left = *right = 0;
    for (double t = 0; t < 180; t += 0.25)
        for (double r = 13.5; r < 18; r += 0.1) {
            double s = r * sin(t * M_PI / 180), c = -r * cos(t * M_PI / 180);
            if (t < 150 && cover(d, s, c) > 128)
                *right = t;
            if (t < 150 && cover(d, -s, c) > 128)
                *left = t;
        }
}

static void names_of_4_to_40_characters_spread_evenly(void **state)
{
    (void)state;
    static const char text[] = "示范省示范市示范区示范街道示范社区示范建设工程项目管理办公室示范有限责任公司总部";
    double left, right, before = 0;

    for (size_t n = 4; n <= 40; n += 6) {
        struct ch_sealpicture p = draw("unit", ch_strndup(a, text, 3 * n), NULL, NULL);
        struct ch_pixels d = pixels(p.png);
        name_span(&d, &left, &right);
        assert_true(fabs(left - right) < 6);              /* as far to either side */
        assert_true(right <= 136 && right >= before - 4); /* longer names reach further, never into the number */
        before = right;
    }
}

static void a_line_and_a_number_are_where_they_belong(void **state)
{
    (void)state;
    struct ch_pixels plain, full;
    struct ch_sealpicture p = draw("unit", "示范公司", NULL, NULL),
                          q = draw("business", "示范公司", "合同专用章", "4403050000001");
    long line = 0, code = 0, nothing = 0;

    plain = pixels(p.png);
    full = pixels(q.png);
    for (double x = -9; x < 9; x += 0.1) {
        for (double y = 10.2; y < 13; y += 0.1) {
            line += cover(&full, x, y) > 128;
            nothing += cover(&plain, x, y) > 128;
        }
    }
    for (double t = -26; t < 26; t += 0.25)
        for (double r = 16.6; r < 18.1; r += 0.1)
            code += cover(&full, r * sin(t * M_PI / 180), r * cos(t * M_PI / 180)) > 128;
    assert_true(line > 500);
    assert_true(code > 300);
    assert_int_equal(nothing, 0);
}

static void people_have_a_frame_and_their_characters(void **state)
{
    (void)state;
    static const char *const names[] = {"王伟", "王小明", "欧阳小明", "买买提·艾力", "𠮷田", "阿卜杜热西提·买买提明"};

    for (size_t i = 0; i < CH_COUNT(names); i++) {
        struct ch_sealpicture p = draw("person", names[i], NULL, NULL);
        struct ch_pixels d = pixels(p.png);
        for (double t = -9.4; t < 9.4; t += 0.5) {
            assert_true(cover(&d, t, -9.5) > 250 && cover(&d, t, 9.4) > 250);
            assert_true(cover(&d, -9.5, t) > 250 && cover(&d, 9.4, t) > 250);
            assert_int_equal(cover(&d, t * 0.9, -8.7), 0); /* characters keep off it */
        }
    }
}

static void the_same_seal_is_the_same_picture(void **state)
{
    (void)state;
    struct ch_bytes x = draw("unit", "示范公司", NULL, "4403050000001").png,
                    y = draw("unit", "示范公司", NULL, "4403050000001").png;

    assert_int_equal(x.n, y.n);
    assert_memory_equal(x.p, y.p, x.n);
    y = draw("unit", "示范公司", NULL, "4403050000002").png;
    assert_true(x.n != y.n || memcmp(x.p, y.p, x.n) != 0);
}

static void what_cannot_be_drawn_is_said(void **state)
{
    (void)state;
    static const struct ch_sealpicture_words wrong[] = {
        {"unit", "", NULL, NULL},
        {"unit", NULL, NULL, NULL},
        {"unit", "\xff\xfe", NULL, NULL},
        {"unit", "示范公司\xf4\x80\x80\x80", NULL, NULL}, /* a private character that no font has */
        {"person", "这个名字实在是太长了长到没有人能够记得住", NULL, NULL},
        {"unit", "示范公司", "下方的文字太长太长太长太长", NULL},
    };

    for (size_t i = 0; i < CH_COUNT(wrong); i++) {
        struct ch_fault f = {0};
        struct ch_sealpicture p;
        assert_int_equal(ch_sealpicture_draw(a, &f, &wrong[i], &p), CH_E_INVALID);
        assert_string_equal(f.pointer, "/sealpicture");
        assert_true(strlen(f.sentence) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_seal_has_its_true_size),
        cmocka_unit_test(ink_is_red_and_the_rest_is_nothing),
        cmocka_unit_test(names_of_4_to_40_characters_spread_evenly),
        cmocka_unit_test(a_line_and_a_number_are_where_they_belong),
        cmocka_unit_test(people_have_a_frame_and_their_characters),
        cmocka_unit_test(the_same_seal_is_the_same_picture),
        cmocka_unit_test(what_cannot_be_drawn_is_said),
    };

    return cmocka_run_group_tests_name("hall_sealpicture", tests, begin, end);
}
