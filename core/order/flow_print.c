/* SPDX-License-Identifier: Apache-2.0
 * Papers that the hall draws for an applicant to print: the application form, and the papers that kinds of business add. */
#include "core/order/flow_private.h"

#include "core/base/config.h"
#include "core/format/money.h"
#include "core/order/project.h"

#include <string.h>

#define MAX_ROWS 128
#define ITEMS_ON_FORM 3 /* more than these are listed in the annex alone */

struct rows_ctx {
    struct ch_form_row rows[MAX_ROWS];
    size_t n;
    const char *prefix; /* of the wanted names; "" wants all */
};

/* Keeps what is printed. A block may begin with a field that is not. */
static void collect_row(void *ctx, const struct ch_form_row *row)
{
    struct rows_ctx *c = ctx;

    if (!row->printed || c->n == MAX_ROWS || strncmp(row->name, c->prefix, strlen(c->prefix)) != 0)
        return;
    c->rows[c->n] = *row;
    c->rows[c->n].first_of_block = c->n == 0 || strcmp(c->rows[c->n - 1].block_title, row->block_title) != 0;
    c->n++;
}

enum ch_err ch_flow_source(struct ch_req *r, const struct ch_stmt *printed, struct ch_flow_source *out)
{
    struct ch_call calls[1 + CH_ORDER_ANSWERS];
    struct ch_rows rows[CH_COUNT(calls)];
    const char *id = ch_var(r, "id");

    enum ch_err e = ch_project_spec(r, r->module->name, &out->spec);
    if (e != CH_OK)
        return e;
    calls[0] = CH_CALL(printed, ch_p_text(id));
    ch_order_ask(r, id, calls + 1);
    e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e == CH_OK)
        e = ch_order_read(r, id, &rows[1], &out->order, &out->form);
    out->printed = rows[0];
    return e == CH_OK ? ch_order_code_names(r, out->form, &out->names) : e;
}

struct ch_pdf_paper ch_flow_paper(struct ch_req *r, const struct ch_flow_source *s, const char *prefix)
{
    struct rows_ctx *c = CH_NEW(r->a, struct rows_ctx);

    c->prefix = prefix;
    ch_form_walk(r->a, &s->spec, s->form, s->names, collect_row, c);
    return (struct ch_pdf_paper){
        .authority = ch_conf(CONF_BRAND_NAME),
        .number = ch_json_text(s->order, "number"),
        .rows = c->rows,
        .n = c->n,
        .signer = "经办人",
        .unit = ch_json_text(s->form, "unit_name"),
    };
}

/* "350.00元（证书费 200.00、介质费 150.00）": the price without the courier, which depends on the address and so does not
 * belong on the signed paper. */
static const char *fee_text(struct ch_arena *a, const struct ch_json *price)
{
    const struct ch_json *parts = ch_json_get(price, "parts");
    const char *list = "";
    int64_t fen, sum = 0;

    for (const struct ch_json *p = parts != NULL ? parts->first : NULL; p != NULL; p = p->next) {
        if (!ch_json_int(p, "fen", &fen) || strcmp(ch_json_text(p, "part"), "courier") == 0)
            continue;
        list = ch_printf(a, "%s%s%s %s", list, *list != '\0' ? "、" : "", ch_json_text(p, "name"), ch_money(a, fen));
        sum += fen;
    }
    return ch_printf(a, "%s元（%s）", ch_money(a, sum), list);
}

/* How many items, which are the first rows, stand in the annex alone, so that the form fits on one sheet. */
static size_t items_in_annex(const struct ch_flow_source *s)
{
    const struct ch_json *items = ch_form_items(s->form), *annex = ch_json_get(s->order, "annex_printed");
    bool many = items != NULL && items->count > ITEMS_ON_FORM;

    return many && annex != NULL && annex->kind == CH_JSON_BOOL ? items->count : 0;
}

/* Puts the kind of business and the fee, which are not in the form, in front of the first block. */
static void add_business_and_fee(struct ch_req *r, const struct ch_flow_source *s, struct ch_pdf_paper *p)
{
    size_t left_out = items_in_annex(s), n = 0;
    struct ch_form_row *rows = ch_alloc(r->a, (p->n + 2) * sizeof *rows);

    if (p->n == 0)
        return;
    rows[n++] = (struct ch_form_row){
        p->rows[0].block_title, "business", "业务类型", ch_json_text(s->order, "business_name"), true, true};
    rows[n++] = (struct ch_form_row){NULL, "fee", "费用", fee_text(r->a, ch_json_get(s->order, "price")), false, true};
    if (left_out > 0)
        rows[n++] = (struct ch_form_row){NULL,  "items", "签章", ch_printf(r->a, "共 %zu 项，见证书附页", left_out),
                                         false, true};
    memcpy(rows + n, p->rows + left_out, (p->n - left_out) * sizeof *rows);
    if (left_out == 0)
        rows[n].first_of_block = false;
    p->rows = rows;
    p->n += n - left_out;
}

void ch_flow_code(struct ch_req *r, const struct ch_flow_source *s, const char *group, const char *kind,
                  struct ch_pdf_paper *paper)
{
    const char *mark = ch_form_mark(r->a, ch_ring(), s->form, group);

    paper->code = ch_printf(r->a, "CH1|%s|%s%s%s", paper->number, mark, kind != NULL ? "|" : "", kind != NULL ? kind : "");
    paper->version = ch_printf(r->a, "%.8s", mark);
}

enum ch_err ch_flow_draw(struct ch_req *r, const struct ch_pdf_paper *paper)
{
    struct ch_bytes pdf;
    enum ch_err e = ch_pdf_paper(r->a, &r->fault, paper, &pdf);
    return e == CH_OK ? ch_reply_file(r, "application/pdf", NULL, pdf) : e;
}

static enum ch_err draw_form(struct ch_req *r, const struct ch_flow_source *s)
{
    struct ch_pdf_paper p = ch_flow_paper(r, s, "");
    bool natural = strcmp(ch_form_authenticated(&s->spec, s->form), "holder") == 0;

    add_business_and_fee(r, s, &p);
    p.title = ch_json_text(s->order, "form_title");
    ch_flow_code(r, s, "print", NULL, &p);
    p.foot = natural ? "申请人声明" : "委托授权与单位声明";
    p.declaration =
        natural
            ? "本人声明：以上信息及所提交的资料真实、完整，已阅读并同意电子认证服务协议及相关授权书。"
            : ch_printf(r->a,
                        "本单位法定代表人委托上述经办人 %s 为代理人，以本单位名义办理数字证书有关事宜，代理人无转委托权，委托期限自申请之日起至委托事项办结止。"
                        "本单位声明：以上信息及所提交的资料真实、完整，已阅读并同意电子认证服务协议及相关授权书。涂改处须加盖公章。",
                        ch_json_text(s->form, "agent_name"));
    if (natural) {
        p.signer = "申请人";
        p.unit = NULL;
    }
    return ch_flow_draw(r, &p);
}

enum ch_err ch_flow_print(struct ch_req *r)
{
    struct ch_flow_source s;
    enum ch_err e = ch_flow_source(r, &flow_order_printed, &s);
    return e == CH_OK ? draw_form(r, &s) : e;
}
