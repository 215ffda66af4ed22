/* SPDX-License-Identifier: Apache-2.0
 * Electronic invoices in the back office: the list with the reason of each failure, another attempt, another title, and the
 * closing of an invoice whose red letter was issued by hand. */
#include "modules/finance/finance.h"

#include "core/form/rule.h"

#include <string.h>

#define BUYER "invoice.buyer" /* the place of hall.invoice.buyer (core/crypto/ring.h) */

static const char *rule_title_kind(const char *s)
{
    return strcmp(s, ch_form_option_label("invoice_kind", s)) != 0 ? NULL : "请选择企业单位、政府机关或个人。";
}

static const struct ch_field buyer_fields[] = {
    CH_IN_TEXT(struct finance_buyer_in, kind, CH_REQUIRED, 1, 16, rule_title_kind),
    CH_IN_TEXT(struct finance_buyer_in, title, CH_REQUIRED, 1, 100, ch_rule_name),
    CH_IN_TEXT(struct finance_buyer_in, tax_no, CH_OPTIONAL, 15, 20, ch_rule_tax_no),
};
const struct ch_input finance_buyer_body = CH_INPUT(struct finance_buyer_in, buyer_fields);

static const char *rule_invoice_number(const char *s)
{
    return strspn(s, "0123456789") == 20 && strlen(s) == 20 ? NULL : "发票号码为 20 位数字。";
}

static const struct ch_field red_fields[] = {
    CH_IN_TEXT(struct finance_red_in, number, CH_REQUIRED, 20, 20, rule_invoice_number),
};
const struct ch_input finance_red_body = CH_INPUT(struct finance_red_in, red_fields);

/* The list's filter: one of the states of an invoice, "open" for all that wait for a person, or "" for all. */
static const char *rule_state(const char *s)
{
    static const char *const states[] = {"", "open", "asked", "issuing", "issued", "failed", "red", "dropped"};

    for (size_t i = 0; i < CH_COUNT(states); i++)
        if (strcmp(states[i], s) == 0)
            return NULL;
    return "请选择列表中的状态。";
}

/* The query parameter if it is not empty and satisfies the rule, otherwise NULL. */
static const char *query_matching(struct ch_req *r, const char *name, ch_rule *rule)
{
    const char *s = ch_query(r, name);
    return s != NULL && *s != '\0' && rule(s) == NULL ? s : NULL;
}

static enum ch_err read_invoice_list(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out)
{
    return ch_run_text(r,
                       CH_CALL(&finance_invoices_list, ch_p_text(query_matching(r, "state", rule_state)),
                               ch_p_text(query_matching(r, "from", ch_rule_date)),
                               ch_p_text(query_matching(r, "to", ch_rule_date)), after, page_size),
                       out);
}

enum ch_err finance_invoices(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_invoice_list(r, ch_query_filter(r, "after"), ch_desk_page_size(r, 20), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static bool is_red(const struct ch_json *row)
{
    const struct ch_json *red = ch_json_get(row, "red");
    return red != NULL && red->truth;
}

static void put_colour(struct ch_csv *c, const struct ch_json *row, const char *member)
{
    (void)member;
    ch_csv_text(c, is_red(row) ? "红字" : "蓝字");
}

/* The total of a red invoice is negative. */
static void put_total(struct ch_csv *c, const struct ch_json *row, const char *member)
{
    int64_t fen = 0;

    ch_csv_fen(c, ch_json_int(row, member, &fen) && is_red(row) ? -fen : fen);
}

static const struct ch_desk_column columns[] = {
    {"业务单号", ch_desk_put_text, "order_number"}, {"项目", ch_desk_put_text, "project_name"},
    {"申请主体", ch_desk_put_text, "subject"},      {"类型", put_colour, "red"},
    {"价税合计（元）", put_total, "total"},         {"状态", ch_desk_put_text, "state_name"},
    {"发票号码", ch_desk_put_text, "number"},       {"开票时间", ch_desk_put_text, "issued_at"},
    {"申请时间", ch_desk_put_text, "asked_at"},     {"失败原因", ch_desk_put_text, "why"},
};

enum ch_err finance_invoices_csv(struct ch_req *r)
{
    return ch_desk_csv_reply_all(r, "invoices.csv", columns, CH_COUNT(columns), read_invoice_list);
}

/* Opens the invoice's buyer: the one that finance has entered, or else the one in the order's form. */
static enum ch_err open_buyer(struct ch_req *r, const char *id, const struct ch_rows *rows, struct ch_json **out)
{
    struct ch_bytes encrypted = ch_col_bytes(rows, r->a, 0, "buyer"), plain;

    if (encrypted.p == NULL)
        return ch_order_form(r, ch_col(rows, 0, "order_id"), ch_col_bytes(rows, r->a, 0, "form"), out);
    if (!ch_decrypt(ch_ring(), r->a, BUYER, id, encrypted, &plain) || ch_json_parse(r->a, plain, out, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the buyer of invoice %s does not open", id);
    return CH_OK;
}

static enum ch_err answer_invoice(struct ch_req *r, const char *id, const struct ch_rows *rows)
{
    static const char *const members[] = {"invoice_kind", "invoice_title", "invoice_tax_no"};
    struct ch_json *buyer;
    const char *invoice;
    struct ch_jw w;

    enum ch_err e = ch_col_out(r, rows, &invoice);
    if (e == CH_OK)
        e = open_buyer(r, id, rows, &buyer);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_members(&w, invoice);
    for (size_t i = 0; i < CH_COUNT(members); i++)
        ch_jw_text(&w, members[i] + strlen("invoice_"), ch_json_text(buyer, members[i]));
    ch_form_choices(&w, "kinds", "invoice_kind");
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err finance_invoice(struct ch_req *r)
{
    struct ch_rows rows;
    const char *id = ch_var(r, "id");

    enum ch_err e = ch_run(r, CH_CALL(&finance_invoice_view, ch_p_text(id)), &rows);
    return e == CH_OK ? answer_invoice(r, id, &rows) : e;
}

/* Runs an event and answers with the invoice as it then is. */
static enum ch_err change_invoice(struct ch_req *r, const char *id, struct ch_call event)
{
    const struct ch_call calls[] = {event, CH_CALL(&finance_invoice_view, ch_p_text(id))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? answer_invoice(r, id, &rows[1]) : e;
}

enum ch_err finance_invoice_retry(struct ch_req *r)
{
    const char *id = ch_var(r, "id");

    return change_invoice(r, id, CH_CALL(&finance_invoice_retry_row, ch_p_text(id)));
}

enum ch_err finance_invoice_buyer(struct ch_req *r)
{
    const struct finance_buyer_in *in = r->in;
    const char *id = ch_var(r, "id");
    struct ch_jw w;

    if (strcmp(in->kind, "enterprise") == 0 && in->tax_no == NULL) {
        ch_wrong(r, "/tax_no", "required", "企业单位抬头须填写纳税人识别号。");
        return ch_fail(r, CH_E_INVALID, "no tax number");
    }
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "invoice_kind", in->kind);
    ch_jw_text(&w, "invoice_title", in->title);
    ch_jw_text(&w, "invoice_tax_no", in->tax_no);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    struct ch_bytes encrypted = ch_encrypt(ch_ring(), r->a, BUYER, id, CH_BYTES(text, strlen(text)));
    return change_invoice(r, id, CH_CALL(&finance_invoice_buyer_row, ch_p_text(id), ch_p_bytes(encrypted)));
}

enum ch_err finance_invoice_close(struct ch_req *r)
{
    const struct finance_red_in *in = r->in;
    const char *id = ch_var(r, "id");

    return change_invoice(r, id, CH_CALL(&finance_invoice_close_row, ch_p_text(id), ch_p_text(in->number)));
}
