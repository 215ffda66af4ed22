/* SPDX-License-Identifier: Apache-2.0
 * The list of all money that is not settled, and all money of one order, for finance and auditors. */
#include "modules/finance/finance.h"

#include "core/form/rule.h"
#include "core/paper/paper.h"

#include <string.h>

static enum ch_err read_money_list(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out)
{
    return ch_run_text(r, CH_CALL(&finance_money_list, ch_query_filter(r, "kind"), after, page_size), out);
}

enum ch_err finance_money(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_money_list(r, ch_query_filter(r, "after"), ch_desk_page_size(r, 20), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const struct ch_desk_column columns[] = {
    {"类别", ch_desk_put_text, "name"},
    {"业务单号", ch_desk_put_text, "order_number"},
    {"项目", ch_desk_put_text, "project_name"},
    {"申请主体", ch_desk_put_text, "subject"},
    {"支付方式", ch_desk_put_text, "channel_name"},
    {"金额（元）", ch_desk_put_fen, "fen"},
    {"商户单号", ch_desk_put_text, "number"},
    {"开始时间", ch_desk_put_text, "since"},
    {"业务单状态", ch_desk_put_text, "label"},
    {"下一步", ch_desk_put_text, "next"},
};

enum ch_err finance_money_csv(struct ch_req *r)
{
    return ch_desk_csv_reply_all(r, "money.csv", columns, CH_COUNT(columns), read_money_list);
}

/* Writes the decrypted texts of the order's money, each under its place and row: {"transfer.payer/<id>": "…"}. */
static enum ch_err write_words(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows)
{
    enum ch_err e = CH_OK;

    ch_jw_object(w, "words");
    for (int i = 0; e == CH_OK && i < rows->n; i++) {
        const char *place = ch_col_text(rows, i, "place"), *id = ch_col_text(rows, i, "id"), *words = NULL;
        e = ch_decrypt_text(r, place, id, ch_col_bytes(rows, r->a, i, "encrypted"), &words);
        ch_jw_text(w, ch_printf(r->a, "%s/%s", place, id), words);
    }
    ch_jw_end_object(w);
    return e;
}

enum ch_err finance_money_reply(struct ch_req *r, const char *order, const struct ch_call *event)
{
    const struct ch_call read_money = CH_CALL(&finance_order_money, ch_p_text(order));
    const struct ch_call read_words = CH_CALL(&finance_order_money_words, ch_p_text(order));
    struct ch_call calls[3];
    struct ch_rows rows[3];
    struct ch_jw w;
    size_t n = 0;

    if (event != NULL)
        calls[n++] = *event;
    calls[n++] = read_money;
    calls[n++] = read_words;
    enum ch_err e = ch_run_all(r, calls, n, rows);
    if (e != CH_OK)
        return e;
    if (rows[n - 2].n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_raw(&w, "money", ch_col(&rows[n - 2], 0, "out"));
    e = write_words(r, &w, &rows[n - 1]);
    ch_jw_end_object(&w);
    return e == CH_OK ? ch_reply_json(r, 200, ch_jw_done(&w)) : e;
}

enum ch_err finance_order_money_get(struct ch_req *r)
{
    const char *id = ch_var(r, "id");

    return finance_money_reply(r, id, NULL);
}

enum ch_err finance_voucher(struct ch_req *r)
{
    const char *order = ch_var(r, "id"), *id = ch_var(r, "voucher");
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&finance_voucher_file, ch_p_text(order), ch_p_text(id)), &rows);
    return e == CH_OK ? ch_paper_voucher_reply(r, &rows) : e;
}

static const struct ch_field odd_fields[] = {
    CH_IN_TEXT(struct finance_odd_in, note, CH_REQUIRED, 4, 500, ch_rule_name),
    CH_IN_DECISION(struct finance_odd_in),
};
const struct ch_input finance_odd_asked = CH_INPUT_BUT_LAST(struct finance_odd_in, odd_fields);
const struct ch_input finance_odd_body = CH_INPUT(struct finance_odd_in, odd_fields);

static enum ch_err read_odd(struct ch_req *r, struct ch_act *act)
{
    const struct finance_odd_in *in = r->in;

    *act = ch_act_new(r->a, "登记金额不符的款项已处理", ch_act_finance, &(struct ch_act_fact){"处理情况", in->note}, 1);
    return ch_run(r, CH_CALL(&finance_odd_facts, ch_p_text(ch_var(r, "id"))), &act->facts);
}

static enum ch_err settle_odd(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_odd_in *in = r->in;

    enum ch_err e =
        ch_run(r, CH_CALL(&finance_odd_settle_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->note), act->signed_act), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static const struct ch_act_kind odd = CH_ACT_KIND(struct finance_odd_in, read_odd, settle_odd);

enum ch_err finance_odd_statement(struct ch_req *r)
{
    return ch_act_offer(r, &odd);
}

enum ch_err finance_odd_settle(struct ch_req *r)
{
    return ch_act_take(r, &odd);
}
