/* SPDX-License-Identifier: Apache-2.0
 * A picture is made, looked at and accepted. Accepting makes it anew and compares: what is kept is what was seen. */
#include "modules/stamp/stamp.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/form/item.h"
#include "core/paper/cutout.h"
#include "core/paper/store.h"

#include <string.h>

#define REGION_AT 2 /* of a unified social credit code: six digits of the registering place (GB 32100) */
#define REGION_DIGITS 6
#define ITEMS_MAX 999

static const char *style_rule(const char *text)
{
    return strcmp(text, "generated") == 0 || strcmp(text, "scan") == 0 ? NULL : "请选择印章样式的来源。";
}

/* Purposes that may stand under the star. */
static const char *line_rule(const char *text)
{
    static const char *const lines[] = {"", "电子签章专用"};

    for (size_t i = 0; i < CH_COUNT(lines); i++)
        if (strcmp(text, lines[i]) == 0)
            return NULL;
    return "请从列表中选择印章下方的文字。";
}

static const struct ch_field preview_fields[] = {
    CH_IN_TEXT(struct stamp_wish, style, CH_REQUIRED, 1, 16, style_rule),
    CH_IN_TEXT(struct stamp_wish, line, CH_OPTIONAL, 0, CH_STAMP_LINE_MAX, line_rule),
    CH_IN_INT(struct stamp_wish, diameter, CH_OPTIONAL, 0, CH_CUTOUT_MM_MAX),
    CH_IN_INT(struct stamp_wish, turn, CH_OPTIONAL, -180, 180),
};
const struct ch_input stamp_preview_body = CH_INPUT(struct stamp_wish, preview_fields);

static const struct ch_field accept_fields[] = {
    CH_IN_TEXT(struct stamp_accept_in, style, CH_REQUIRED, 1, 16, style_rule),
    CH_IN_TEXT(struct stamp_accept_in, line, CH_OPTIONAL, 0, CH_STAMP_LINE_MAX, line_rule),
    CH_IN_INT(struct stamp_accept_in, diameter, CH_OPTIONAL, 0, CH_CUTOUT_MM_MAX),
    CH_IN_INT(struct stamp_accept_in, turn, CH_OPTIONAL, -180, 180),
    CH_IN_TEXT(struct stamp_accept_in, sm3, CH_REQUIRED, 64, 64, NULL),
};
const struct ch_input stamp_accept_body = CH_INPUT(struct stamp_accept_in, accept_fields);

static enum ch_err read_row(struct ch_req *r, struct stamp_source *s, struct ch_rows *rows)
{
    s->id = ch_var(r, "id");
    s->item = stamp_item(r);
    enum ch_err e = ch_run(r, CH_CALL(&stamp_source, ch_p_text(s->id), ch_p_int(r->a, s->item)), rows);
    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单，或其中没有这张证书。");
    return e;
}

int stamp_item(struct ch_req *r)
{
    return (int)ch_query_int(r, "item", 1, 1, ITEMS_MAX);
}

/* A purpose (合同专用章), with or without the unit's name before it, stands under the star if it is short enough. */
static void name_unit(struct ch_req *r, const char *unit, const char *given, struct stamp_source *s)
{
    size_t n = unit != NULL ? strlen(unit) : 0, points;
    const char *purpose = given != NULL && n > 0 && strncmp(given, unit, n) == 0 ? given + n : given;

    s->name = unit;
    if (purpose == NULL || *purpose == '\0' || unit == NULL)
        return;
    if (!ch_utf8(purpose, strlen(purpose), &points) || points > CH_STAMP_LINE_MAX) {
        s->name = given;
        return;
    }
    s->unit = unit;
    s->purpose = purpose;
    s->name = ch_printf(r->a, "%s%s", unit, purpose);
}

/* As the applicant named it, else of whom the certificate is. */
static void name_seal(struct ch_req *r, const struct ch_rows *rows, const struct ch_json *form, struct stamp_source *s)
{
    const char *given = ch_col(rows, 0, "seal_name");

    s->unit = s->purpose = NULL;
    if (strcmp(s->kind, "unit") == 0)
        name_unit(r, ch_json_text(form, "unit_name"), given, s);
    else
        s->name = given != NULL ? given : ch_json_text(ch_item_part(form, s->item), "holder_name");
}

enum ch_err stamp_read(struct ch_req *r, struct stamp_source *s)
{
    struct ch_rows rows;
    struct ch_json *form;
    enum ch_err e = read_row(r, s, &rows);

    if (e == CH_OK)
        e = ch_order_form(r, s->id, ch_col_bytes(&rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    s->state = ch_col(&rows, 0, "out");
    s->mark = ch_col(&rows, 0, "mark");
    s->kind = ch_col(&rows, 0, "kind");
    s->material = ch_col(&rows, 0, "material");
    s->mime = ch_col(&rows, 0, "mime");
    s->nth = (int)ch_col_int(&rows, 0, "nth");
    s->file_key = ch_col_bytes(&rows, r->a, 0, "file_key");
    name_seal(r, &rows, form, s);
    s->unit_code = ch_json_text(form, "unit_code");
    return CH_OK;
}

static enum ch_err draw(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                        struct ch_stamp_picture *out)
{
    const char *place = s->unit_code != NULL && strlen(s->unit_code) > REGION_AT + REGION_DIGITS
                            ? ch_strndup(r->a, s->unit_code + REGION_AT, REGION_DIGITS) : "";
    struct ch_stamp stamp = {.kind = s->kind, .name = s->name, .line = w->line};

    if (s->purpose != NULL)
        stamp = (struct ch_stamp){.kind = "business", .name = s->unit, .line = s->purpose};
    enum ch_err e = ch_run_text(r, CH_CALL(&stamp_code, ch_p_text(s->id), ch_p_text(place), ch_p_int(r->a, s->item)),
                                &stamp.code);

    return e == CH_OK ? ch_stamp_draw(r->a, &r->fault, &stamp, out) : e;
}

static enum ch_err cut(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                       struct ch_stamp_picture *out)
{
    struct ch_bytes scan;

    if (s->material == NULL)
        return ch_refuse(&r->fault, CH_E_CONFLICT, "/materials/seal_form", "请先上传盖有印章的扫描件。");
    if (strncmp(s->mime, "image/", 6) != 0)
        return ch_refuse(&r->fault, CH_E_MEDIA_TYPE, "/materials/seal_form", "PDF 文件不能截取印章，请上传图片格式的扫描件。");
    enum ch_err e = ch_store_get(r->a, &r->fault, ch_ring(), s->material, s->file_key, &scan);
    if (e != CH_OK)
        return e;
    return ch_cutout(r->a, &r->fault, &(struct ch_cutout){.kind = s->kind, .file = scan, .mm = (int)w->diameter,
                                                          .turn = (int)w->turn, .nth = s->nth}, out);
}

enum ch_err stamp_make(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                       struct ch_stamp_picture *out)
{
    return strcmp(w->style, "scan") == 0 ? cut(r, s, w, out) : draw(r, s, w, out);
}

static const char *sm3_hex(struct ch_arena *a, struct ch_bytes b, unsigned char sm3[CH_SM3_BYTES])
{
    ch_sm3(b, sm3);
    return ch_hex(a, CH_BYTES(sm3, CH_SM3_BYTES));
}

enum ch_err stamp_get(struct ch_req *r)
{
    struct stamp_source s;
    struct ch_rows rows;
    enum ch_err e = read_row(r, &s, &rows);

    return e == CH_OK ? ch_reply_json(r, 200, ch_col(&rows, 0, "out")) : e;
}

enum ch_err stamp_preview(struct ch_req *r)
{
    const struct stamp_wish *w = r->in;
    struct stamp_source s;
    struct ch_stamp_picture p = {0};
    unsigned char sm3[CH_SM3_BYTES];
    struct ch_jw j;
    enum ch_err e = stamp_read(r, &s);

    if (e == CH_OK)
        e = stamp_make(r, &s, w, &p);
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

/* Picture and name go sealed into their row, bound to its id. */
static enum ch_err keep(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                        const struct ch_stamp_picture *p, const unsigned char sm3[CH_SM3_BYTES])
{
    const char *id = ch_uuid7(r->a);
    bool scan = strcmp(w->style, "scan") == 0;
    struct ch_bytes name = ch_seal(ch_ring(), r->a, "stamp.name", id, CH_BYTES(s->name, strlen(s->name)));
    struct ch_bytes png = ch_seal(ch_ring(), r->a, "stamp.png", id, p->png), svg = {NULL, 0};

    if (!scan)
        svg = ch_seal(ch_ring(), r->a, "stamp.svg", id, p->svg);
    return ch_run(r, CH_CALL(&stamp_accept_row, ch_p_text(id), ch_p_text(s->id), ch_p_text(s->mark), ch_p_text(w->style),
                             ch_p_text(s->kind), ch_p_bytes(name), ch_p_bytes(png), ch_p_bytes(svg),
                             ch_p_bytes(CH_BYTES(sm3, CH_SM3_BYTES)), ch_p_int(r->a, p->width), ch_p_int(r->a, p->height),
                             ch_p_text(scan ? s->material : NULL), ch_p_int(r->a, s->item)), NULL);
}

enum ch_err stamp_accept(struct ch_req *r)
{
    const struct stamp_accept_in *in = r->in;
    struct stamp_wish w = {in->style, in->line, in->diameter, in->turn};
    struct stamp_source s;
    struct ch_stamp_picture p = {0};
    unsigned char sm3[CH_SM3_BYTES];
    enum ch_err e = stamp_read(r, &s);

    if (e == CH_OK)
        e = stamp_make(r, &s, &w, &p);
    if (e == CH_OK && strcmp(sm3_hex(r->a, p.png, sm3), in->sm3) != 0)
        return ch_fail_say(r, CH_E_CONFLICT, "印章样式已变化，请重新预览后再确认。");
    if (e == CH_OK && s.name == NULL)
        return ch_refuse(&r->fault, CH_E_CONFLICT, "/form", "请先填写申请信息。");
    if (e == CH_OK)
        e = keep(r, &s, &w, &p, sm3);
    return e == CH_OK ? stamp_get(r) : e;
}
