/* SPDX-License-Identifier: Apache-2.0
 * Papers of a unit on A4: business licence, application form, seal collection form. */
#include "modules/sandbox/papers/paper.h"

#include "core/json/json.h"

#include <string.h>

/* A4 at 110 dots per inch. */
#define WIDTH 910
#define HEIGHT 1286
#define LEFT 80
#define RIGHT (WIDTH - 80)
#define PAPER ((struct ink){0.985, 0.98, 0.965}) /* scanned paper is never pure white */

static void draw_row(cairo_t *c, double *y, const char *label, const char *value)
{
    if (*value == '\0')
        return;
    double h = draw_text(c, LEFT + 190, *y + 10, RIGHT - LEFT - 205, 20, INK_BLACK, value);
    draw_text(c, LEFT + 15, *y + 10, 170, 20, INK_GREY, label);
    draw_frame(c, LEFT, *y, RIGHT - LEFT, h + 20);
    *y += h + 20;
}

static const char *note_of(struct ch_arena *a, const char *paper, const struct paper_facts *f)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "paper", paper);
    ch_jw_text(&w, "RegNum", f->unit_code);
    ch_jw_text(&w, "Name", f->unit_name);
    ch_jw_text(&w, "Person", f->legal_name);
    ch_jw_text(&w, "Address", f->unit_address);
    ch_jw_text(&w, "Number", f->number);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static void draw_sample_mark(cairo_t *c)
{
    draw_text(c, LEFT, HEIGHT - 80, 0, 16, INK_GREY, "演示样张，仅供系统试用，不具任何效力");
}

static void draw_unit_stamp(cairo_t *c, const struct paper_facts *f, double x, double y)
{
    if (!f->plain)
        draw_stamp(c, x, y, 105, f->unit_name);
}

struct paper paper_licence(struct ch_arena *a, const struct paper_facts *f)
{
    cairo_t *c = draw_sheet(a, WIDTH, HEIGHT, PAPER);
    const char *note = note_of(a, "licence", f);
    double y = 330;

    draw_frame(c, 40, 40, WIDTH - 80, HEIGHT - 80);
    draw_title(c, 0, 120, WIDTH, 62, INK_BLACK, "营 业 执 照");
    draw_title(c, 0, 215, WIDTH, 22, INK_BLACK, ch_printf(a, "统一社会信用代码  %s", f->unit_code));
    draw_row(c, &y, "名称", f->unit_name);
    draw_row(c, &y, "类型", "有限责任公司");
    draw_row(c, &y, "法定代表人", f->legal_name);
    draw_row(c, &y, "注册资本", "壹仟万元人民币");
    draw_row(c, &y, "成立日期", "2015年06月01日");
    draw_row(c, &y, "住所", f->unit_address);
    draw_row(c, &y, "经营范围", "软件开发；信息技术咨询服务；数字证书应用技术服务。");
    draw_qr(c, LEFT, HEIGHT - 330, 240, note);
    draw_text(c, RIGHT - 300, HEIGHT - 260, 0, 22, INK_BLACK, "登记机关  示范市市场监督管理局");
    draw_stamp(c, RIGHT - 130, HEIGHT - 220, 95, "示范市市场监督管理局");
    draw_unit_stamp(c, f, LEFT + 420, HEIGHT - 330);
    draw_sample_mark(c);
    return (struct paper){c, note};
}

struct paper paper_form(struct ch_arena *a, const struct paper_facts *f)
{
    cairo_t *c = draw_sheet(a, WIDTH, HEIGHT, PAPER);
    const char *note = note_of(a, "form", f);
    double y = 250;

    draw_title(c, 0, 90, WIDTH, 38, INK_BLACK, "数字证书业务申请表");
    draw_text(c, LEFT, 190, 0, 20, INK_BLACK, ch_printf(a, "业务单号：%s", f->number));
    draw_qr(c, RIGHT - 130, 90, 130, *f->number != '\0' ? ch_printf(a, "CH1|%s", f->number) : note);
    draw_row(c, &y, "单位名称", f->unit_name);
    draw_row(c, &y, "统一社会信用代码", f->unit_code);
    draw_row(c, &y, "单位地址", f->unit_address);
    draw_row(c, &y, "法定代表人", f->legal_name);
    draw_row(c, &y, "经办人", f->agent_name);
    draw_row(c, &y, "经办人身份证号", f->id_no);
    draw_row(c, &y, "经办人手机", f->mobile);
    draw_row(c, &y, "账户名称", f->account_name);
    draw_row(c, &y, "开户行", f->account_branch_name);
    draw_row(c, &y, "银行账号", f->account_no);
    draw_text(c, LEFT, y + 30, RIGHT - LEFT, 19, INK_BLACK,
              "本单位声明：以上信息及所提交的资料真实、完整，已阅读并同意电子认证服务协议。");
    draw_text(c, LEFT, y + 150, 0, 22, INK_BLACK, "经办人签名：");
    draw_text(c, LEFT + 400, y + 150, 0, 22, INK_BLACK, "单位公章：");
    if (!f->plain)
        draw_signature(c, LEFT + 150, y + 140, 40, f->agent_name);
    draw_unit_stamp(c, f, LEFT + 580, y + 160);
    draw_sample_mark(c);
    return (struct paper){c, note};
}

struct paper paper_seal_form(struct ch_arena *a, const struct paper_facts *f)
{
    cairo_t *c = draw_sheet(a, WIDTH, HEIGHT, PAPER);
    const char *note = note_of(a, "seal-form", f);
    double y = 250;

    draw_title(c, 0, 90, WIDTH, 38, INK_BLACK, "印模采集表");
    draw_text(c, LEFT, 190, 0, 20, INK_BLACK, ch_printf(a, "业务单号：%s", f->number));
    draw_qr(c, RIGHT - 130, 90, 130, note);
    draw_row(c, &y, "单位名称", f->unit_name);
    draw_row(c, &y, "统一社会信用代码", f->unit_code);
    draw_text(c, LEFT, y + 25, RIGHT - LEFT, 19, INK_BLACK,
              "请在下面三个方框内各加盖一次公章，印迹须清晰、完整，不得相互重叠。");
    for (int i = 0; i < 3; i++) {
        double x = LEFT + i * 255;
        draw_frame(c, x, y + 90, 240, 300);
        draw_unit_stamp(c, f, x + 120, y + 240);
    }
    draw_text(c, LEFT, y + 440, 0, 22, INK_BLACK, "经办人签名：");
    if (!f->plain)
        draw_signature(c, LEFT + 150, y + 430, 40, f->agent_name);
    draw_sample_mark(c);
    return (struct paper){c, note};
}
