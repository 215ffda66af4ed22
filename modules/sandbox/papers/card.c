/* SPDX-License-Identifier: Apache-2.0
 * Both sides of a citizen's ID card, and the face on it. */
#include "modules/sandbox/papers/paper.h"

#include "core/base/clock.h"
#include "core/json/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1012
#define HEIGHT 638
#define PAPER ((struct ink){0.93, 0.96, 0.98})

static void draw_person(cairo_t *c, double x, double y, double size)
{
    cairo_set_source_rgb(c, 0.82, 0.88, 0.95);
    cairo_rectangle(c, x, y, size, size * 1.25);
    cairo_fill(c);
    cairo_set_source_rgb(c, 0.25, 0.28, 0.35);
    cairo_arc(c, x + size / 2, y + size * 1.35, size * 0.42, M_PI, 2 * M_PI);
    cairo_fill(c);
    cairo_arc(c, x + size / 2, y + size * 0.46, size * 0.27, 0, 2 * M_PI);
    cairo_fill(c);
    cairo_set_source_rgb(c, 0.95, 0.83, 0.73);
    cairo_arc(c, x + size / 2, y + size * 0.52, size * 0.23, 0, 2 * M_PI);
    cairo_fill(c);
    cairo_rectangle(c, x, y + size * 1.25, size, size); /* covers what reaches below the picture */
    cairo_set_source_rgb(c, PAPER.r, PAPER.g, PAPER.b);
    cairo_fill(c);
}

struct ch_bytes sandbox_draw_face(struct ch_arena *a)
{
    cairo_t *c = draw_sheet(a, 240, 300, PAPER);

    draw_person(c, 0, 0, 240);
    return draw_png(a, c);
}

static void draw_line(cairo_t *c, double y, const char *label, const char *value)
{
    draw_text(c, 70, y + 4, 0, 26, INK_BLUE, label);
    draw_text(c, 180, y, 400, 32, INK_BLACK, value);
}

static void draw_sample_mark(cairo_t *c)
{
    draw_text(c, 24, HEIGHT - 40, 0, 20, INK_GREY, "演示样张，仅供系统试用，不是真实证件");
}

/* Date of birth and sex, which are part of the ID number (GB 11643). */
struct from_number {
    const char *birth, *shown, *sex;
};

static struct from_number read_number(struct ch_arena *a, const char *id)
{
    if (strlen(id) != 18)
        return (struct from_number){"", "", ""};
    int y = atoi(ch_strndup(a, id + 6, 4)), m = atoi(ch_strndup(a, id + 10, 2)), d = atoi(ch_strndup(a, id + 12, 2));
    return (struct from_number){ch_printf(a, "%d/%d/%d", y, m, d), ch_printf(a, "%d 年 %d 月 %d 日", y, m, d),
                                (id[16] - '0') % 2 == 1 ? "男" : "女"};
}

struct paper paper_card_front(struct ch_arena *a, const struct paper_facts *f)
{
    cairo_t *c = draw_sheet(a, WIDTH, HEIGHT, PAPER);
    struct from_number n = read_number(a, f->id_no);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "paper", "idcard-front");
    ch_jw_text(&w, "Name", f->name);
    ch_jw_text(&w, "Sex", n.sex);
    ch_jw_text(&w, "Nation", "汉");
    ch_jw_text(&w, "Birth", n.birth);
    ch_jw_text(&w, "Address", f->address);
    ch_jw_text(&w, "IdNum", f->id_no);
    ch_jw_end_object(&w);
    const char *note = ch_jw_done(&w);
    draw_line(c, 70, "姓  名", f->name);
    draw_line(c, 145, "性  别", ch_printf(a, "%s      民族  汉", n.sex));
    draw_line(c, 220, "出  生", n.shown);
    draw_line(c, 295, "住  址", f->address);
    draw_text(c, 70, 524, 0, 26, INK_BLUE, "公民身份号码");
    draw_text(c, 280, 518, 0, 38, INK_BLACK, f->id_no);
    draw_person(c, 690, 70, 240);
    draw_qr(c, 715, 385, 190, note);
    draw_sample_mark(c);
    return (struct paper){c, note};
}

struct paper paper_card_back(struct ch_arena *a, const struct paper_facts *f)
{
    cairo_t *c = draw_sheet(a, WIDTH, HEIGHT, PAPER);
    const char *valid = f->expired ? "2004.06.01-2014.06.01" : "2019.06.01-2039.06.01";
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "paper", "idcard-back");
    ch_jw_text(&w, "Authority", "示范市公安局");
    ch_jw_text(&w, "ValidDate", valid);
    ch_jw_end_object(&w);
    const char *note = ch_jw_done(&w);
    cairo_set_source_rgb(c, INK_RED.r, INK_RED.g, INK_RED.b);
    cairo_arc(c, 150, 150, 80, 0, 2 * M_PI);
    cairo_fill(c);
    draw_title(c, 70, 115, 160, 44, PAPER, "样张");
    draw_title(c, 260, 70, 700, 52, INK_BLACK, "中华人民共和国");
    draw_title(c, 260, 150, 700, 68, INK_BLACK, "居 民 身 份 证");
    draw_line(c, 400, "签发机关", "    示范市公安局");
    draw_line(c, 480, "有效期限", ch_printf(a, "    %s", valid));
    draw_qr(c, 800, 380, 160, note);
    draw_sample_mark(c);
    return (struct paper){c, note};
}
