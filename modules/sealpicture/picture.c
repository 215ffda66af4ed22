/* SPDX-License-Identifier: Apache-2.0
 * The picture of a seal is previewed and accepted. A preview stores nothing. Accepting makes the picture again and compares it
 * with the one that the person has seen, so what is stored is what was seen. */
#include "modules/sealpicture/sealpicture.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/form/item.h"
#include "core/paper/cutout.h"
#include "core/paper/store.h"

#include <string.h>

#define REGION_AT 2 /* where a unified social credit code has the six digits of the place of registration (GB 32100) */
#define REGION_DIGITS 6
#define ITEMS_MAX 999

static const char *rule_style(const char *text)
{
    return strcmp(text, "generated") == 0 || strcmp(text, "scan") == 0 ? NULL : "请选择印章样式的来源。";
}

/* The texts that an applicant may choose for the line under the star. */
static const char *rule_line(const char *text)
{
    static const char *const lines[] = {"", "电子签章专用"};

    for (size_t i = 0; i < CH_COUNT(lines); i++)
        if (strcmp(text, lines[i]) == 0)
            return NULL;
    return "请从列表中选择印章下方的文字。";
}

static const struct ch_field preview_fields[] = {
    CH_IN_TEXT(struct sealpicture_wish, style, CH_REQUIRED, 1, 16, rule_style),
    CH_IN_TEXT(struct sealpicture_wish, line, CH_OPTIONAL, 0, CH_SEALPICTURE_LINE_MAX, rule_line),
    CH_IN_INT(struct sealpicture_wish, diameter, CH_OPTIONAL, 0, CH_CUTOUT_MM_MAX),
    CH_IN_INT(struct sealpicture_wish, turn, CH_OPTIONAL, -180, 180),
};
const struct ch_input sealpicture_preview_body = CH_INPUT(struct sealpicture_wish, preview_fields);

static const struct ch_field accept_fields[] = {
    CH_IN_TEXT(struct sealpicture_accept_in, style, CH_REQUIRED, 1, 16, rule_style),
    CH_IN_TEXT(struct sealpicture_accept_in, line, CH_OPTIONAL, 0, CH_SEALPICTURE_LINE_MAX, rule_line),
    CH_IN_INT(struct sealpicture_accept_in, diameter, CH_OPTIONAL, 0, CH_CUTOUT_MM_MAX),
    CH_IN_INT(struct sealpicture_accept_in, turn, CH_OPTIONAL, -180, 180),
    CH_IN_TEXT(struct sealpicture_accept_in, sm3, CH_REQUIRED, 64, 64, NULL),
};
const struct ch_input sealpicture_accept_body = CH_INPUT(struct sealpicture_accept_in, accept_fields);

/* What the picture of an order's item is made from. Strings belong to the request's arena. */
struct source {
    const char *id;                  /* of the order */
    int item;                        /* the certificate of the order, from 1 */
    const char *state, *mark, *kind; /* JSON of hall.sealpicture_json; hall.sealpicture_source */
    const char *name, *unit_code;    /* the seal's name, as it is registered in the seal; the code from the form */
    const char *unit, *purpose; /* of a business seal: the text of its arc, and the text under its star; otherwise NULL */
    const struct ch_rows *scan; /* a row for each of its sheets, or one without a paper if there is none */
    const char *paper;          /* the sheet that the picture was cut out of; NULL: none yet */
    int nth;                    /* which of several impressions on the scan is this seal's; 0: there is only one */
};

static enum ch_err read_source_row(struct ch_req *r, struct source *s, struct ch_rows *rows)
{
    s->id = ch_var(r, "id");
    s->item = sealpicture_item(r);
    enum ch_err e = ch_run(r, CH_CALL(&sealpicture_source, ch_p_text(s->id), ch_p_int(r->a, s->item)), rows);
    if (e == CH_OK && rows->n == 0)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单，或其中没有这张证书。");
    return e;
}

int sealpicture_item(struct ch_req *r)
{
    return (int)ch_query_int(r, "item", 1, 1, ITEMS_MAX);
}

/* Names a unit's seal. If the given name is a purpose (合同专用章), with or without the unit's name before it, the purpose is drawn
 * under the star, provided that it is short enough. */
static void name_unit(struct ch_req *r, const char *unit, const char *given, struct source *s)
{
    size_t n = unit != NULL ? strlen(unit) : 0, points;
    const char *purpose = given != NULL && n > 0 && strncmp(given, unit, n) == 0 ? given + n : given;

    s->name = unit;
    if (purpose == NULL || *purpose == '\0' || unit == NULL)
        return;
    if (!ch_utf8(purpose, strlen(purpose), &points) || points > CH_SEALPICTURE_LINE_MAX) {
        s->name = given;
        return;
    }
    s->unit = unit;
    s->purpose = purpose;
    s->name = ch_printf(r->a, "%s%s", unit, purpose);
}

/* Reads what the picture is made from. CH_E_NOT_FOUND when the order is not the caller's or has no such item. */
static enum ch_err read_source(struct ch_req *r, struct source *s)
{
    struct ch_rows *rows = CH_NEW(r->a, struct ch_rows);
    struct ch_json *form;
    enum ch_err e = read_source_row(r, s, rows);

    if (e == CH_OK)
        e = ch_order_form(r, s->id, ch_col_bytes(rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    s->state = ch_col(rows, 0, "out");
    s->mark = ch_col(rows, 0, "mark");
    s->kind = ch_col_text(rows, 0, "kind");
    s->scan = rows;
    s->paper = NULL;
    s->nth = (int)ch_col_int(rows, 0, "nth");
    /* A seal has the name that the applicant gave it, or else the name of the certificate's holder. */
    const char *given = ch_col(rows, 0, "seal_name");
    s->unit = s->purpose = NULL;
    if (strcmp(s->kind, "unit") == 0)
        name_unit(r, ch_json_text(form, "unit_name"), given, s);
    else
        s->name = given != NULL ? given : ch_json_text(ch_item_part(form, s->item), "holder_name");
    s->unit_code = ch_json_text(form, "unit_code");
    return CH_OK;
}

static enum ch_err draw_picture(struct ch_req *r, const struct source *s, const struct sealpicture_wish *w,
                                struct ch_sealpicture *out)
{
    const char *place = s->unit_code != NULL && strlen(s->unit_code) > REGION_AT + REGION_DIGITS
                            ? ch_strndup(r->a, s->unit_code + REGION_AT, REGION_DIGITS)
                            : "";
    struct ch_sealpicture_words words = {.kind = s->kind, .name = s->name, .line = w->line};

    if (s->purpose != NULL)
        words = (struct ch_sealpicture_words){.kind = "business", .name = s->unit, .line = s->purpose};
    enum ch_err e = ch_run_text(
        r, CH_CALL(&sealpicture_code, ch_p_text(s->id), ch_p_text(place), ch_p_int(r->a, s->item)), &words.code);

    return e == CH_OK ? ch_sealpicture_draw(r->a, &r->fault, &words, out) : e;
}

/* Reads a sheet of the scan, which is remembered. */
static enum ch_err read_sheet(struct ch_req *r, struct source *s, int sheet, struct ch_bytes *out)
{
    if (strncmp(ch_col_text(s->scan, sheet, "mime"), "image/", 6) != 0)
        return ch_refuse(&r->fault, CH_E_MEDIA_TYPE, "/papers/seal_form", "PDF 文件不能截取印章，请上传图片格式的扫描件。");
    s->paper = ch_col(s->scan, sheet, "paper");
    return ch_store_get(r->a, &r->fault, ch_ring(), s->paper, ch_col_bytes(s->scan, r->a, sheet, "file_key"), out);
}

static enum ch_err cut(struct ch_req *r, const struct source *s, struct ch_bytes file, const struct sealpicture_wish *w,
                       int nth, struct ch_sealpicture *out)
{
    return ch_cutout(
        r->a, &r->fault,
        &(struct ch_cutout){.kind = s->kind, .file = file, .mm = (int)w->diameter, .turn = (int)w->turn, .nth = nth}, out);
}

/* Cuts out the impression that is `*left` impressions on, or the only one if that is 0. CH_E_INVALID when the sheet has fewer, which
 * are then counted off. */
static enum ch_err cut_counted(struct ch_req *r, const struct source *s, struct ch_bytes file,
                               const struct sealpicture_wish *w, int *left, struct ch_sealpicture *out)
{
    enum ch_err e = CH_OK;

    for (int nth = *left > 0 ? 1 : 0; e == CH_OK; nth++) {
        e = cut(r, s, file, w, nth, out);
        if (e == CH_OK && --*left <= 0)
            break;
    }
    return e;
}

/* How many impressions are on which sheet is not known, so those of several sheets are counted. */
static enum ch_err cut_picture(struct ch_req *r, struct source *s, const struct sealpicture_wish *w,
                               struct ch_sealpicture *out)
{
    enum ch_err e = CH_E_INVALID;
    struct ch_bytes file;
    int left = s->nth;

    if (ch_col(s->scan, 0, "paper") == NULL)
        return ch_refuse(&r->fault, CH_E_CONFLICT, "/papers/seal_form", "请先上传盖有印章的扫描件。");
    for (int sheet = 0; sheet < s->scan->n && e == CH_E_INVALID; sheet++) {
        r->fault = (struct ch_fault){0};
        e = read_sheet(r, s, sheet, &file);
        if (e == CH_OK)
            e = s->scan->n == 1 ? cut(r, s, file, w, s->nth, out) : cut_counted(r, s, file, w, &left, out);
    }
    return e;
}

static enum ch_err make_picture(struct ch_req *r, struct source *s, const struct sealpicture_wish *w,
                                struct ch_sealpicture *out)
{
    return strcmp(w->style, "scan") == 0 ? cut_picture(r, s, w, out) : draw_picture(r, s, w, out);
}

/* Computes the SM3 digest of `b` and returns it in hex. */
static const char *sm3_hex(struct ch_arena *a, struct ch_bytes b, unsigned char sm3[CH_SM3_BYTES])
{
    ch_sm3(b, sm3);
    return ch_hex(a, CH_BYTES(sm3, CH_SM3_BYTES));
}

enum ch_err sealpicture_get(struct ch_req *r)
{
    struct source s;
    struct ch_rows rows;
    enum ch_err e = read_source_row(r, &s, &rows);

    return e == CH_OK ? ch_reply_out(r, 200, &rows) : e;
}

enum ch_err sealpicture_preview(struct ch_req *r)
{
    const struct sealpicture_wish *w = r->in;
    struct source s;
    struct ch_sealpicture p = {0};
    unsigned char sm3[CH_SM3_BYTES];
    struct ch_jw j;
    enum ch_err e = read_source(r, &s);

    if (e == CH_OK)
        e = make_picture(r, &s, w, &p);
    if (e != CH_OK)
        return e;
    ch_jw_init(&j, r->a);
    ch_jw_object(&j, NULL);
    ch_jw_text(&j, "style", w->style);
    ch_jw_text(&j, "kind", s.kind);
    ch_jw_int(&j, "width", p.width);
    ch_jw_int(&j, "height", p.height);
    ch_jw_text(&j, "sm3", sm3_hex(r->a, p.png, sm3));
    ch_jw_text(&j, "png", ch_base64(r->a, p.png));
    ch_jw_end_object(&j);
    return ch_reply_json(r, 200, ch_jw_done(&j));
}

/* Stores picture and name, encrypted for the id of their row. */
static enum ch_err store_picture(struct ch_req *r, const struct source *s, const struct sealpicture_wish *w,
                                 const struct ch_sealpicture *p, const unsigned char sm3[CH_SM3_BYTES])
{
    const char *id = ch_uuid7(r->a);
    bool scan = strcmp(w->style, "scan") == 0;
    struct ch_bytes name = ch_encrypt(ch_ring(), r->a, "sealpicture.name", id, CH_BYTES(s->name, strlen(s->name)));
    struct ch_bytes png = ch_encrypt(ch_ring(), r->a, "sealpicture.png", id, p->png), svg = {NULL, 0};

    if (!scan)
        svg = ch_encrypt(ch_ring(), r->a, "sealpicture.svg", id, p->svg);
    return ch_run(r,
                  CH_CALL(&sealpicture_accept_row, ch_p_text(id), ch_p_text(s->id), ch_p_text(s->mark),
                          ch_p_text(w->style), ch_p_text(s->kind), ch_p_bytes(name), ch_p_bytes(png), ch_p_bytes(svg),
                          ch_p_bytes(CH_BYTES(sm3, CH_SM3_BYTES)), ch_p_int(r->a, p->width), ch_p_int(r->a, p->height),
                          ch_p_text(scan ? s->paper : NULL), ch_p_int(r->a, s->item)),
                  NULL);
}

enum ch_err sealpicture_accept(struct ch_req *r)
{
    const struct sealpicture_accept_in *in = r->in;
    struct sealpicture_wish w = {in->style, in->line, in->diameter, in->turn};
    struct source s;
    struct ch_sealpicture p = {0};
    unsigned char sm3[CH_SM3_BYTES];
    enum ch_err e = read_source(r, &s);

    if (e == CH_OK)
        e = make_picture(r, &s, &w, &p);
    if (e == CH_OK && strcmp(sm3_hex(r->a, p.png, sm3), in->sm3) != 0)
        return ch_fail_say(r, CH_E_CONFLICT, "印章样式已变化，请重新预览后再确认。");
    if (e == CH_OK && s.name == NULL)
        return ch_refuse(&r->fault, CH_E_CONFLICT, "/form", "请先填写申请信息。");
    if (e == CH_OK)
        e = store_picture(r, &s, &w, &p, sm3);
    return e == CH_OK ? sealpicture_get(r) : e;
}
