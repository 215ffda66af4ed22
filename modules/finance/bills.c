/* SPDX-License-Identifier: Apache-2.0
 * The comparison of the payment vendors' daily bills with the hall's own books: asking for a day's bill, and showing the
 * differences. The runner fetches and compares the bills (programs/runner/bill.c). */
#include "modules/finance/finance.h"

#include "core/form/rule.h"

static const struct ch_field bill_fields[] = {
    CH_IN_TEXT(struct finance_bill_in, channel, CH_REQUIRED, 1, 16, NULL),
    CH_IN_TEXT(struct finance_bill_in, day, CH_REQUIRED, 10, 10, ch_rule_date),
};
const struct ch_input finance_bill_body = CH_INPUT(struct finance_bill_in, bill_fields);

enum ch_err finance_bills(struct ch_req *r)
{
    const char *out;
    enum ch_err e =
        ch_run_text(r, CH_CALL(&finance_bills_json, ch_query_filter(r, "after"), ch_desk_page_size(r, 20)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err finance_bill_want(struct ch_req *r)
{
    const struct finance_bill_in *in = r->in;
    const char *out;

    enum ch_err e = ch_run_text(r, CH_CALL(&finance_bill_want_row, ch_p_text(in->channel), ch_p_text(in->day)), &out);
    return e == CH_OK ? ch_reply_json(r, 202, out) : e;
}

static const struct ch_desk_column columns[] = {
    {"类别", ch_desk_put_text, "kind_name"},        {"差异", ch_desk_put_text, "what_name"},
    {"商户订单号", ch_desk_put_text, "number"},     {"商户退款单号", ch_desk_put_text, "refund_number"},
    {"本系统金额（元）", ch_desk_put_fen, "ours"},  {"账单金额（元）", ch_desk_put_fen, "theirs"},
    {"业务单号", ch_desk_put_text, "order_number"},
};

enum ch_err finance_bill_csv(struct ch_req *r)
{
    struct ch_json *bill;

    enum ch_err e = ch_run_json(r, CH_CALL(&finance_bill, ch_p_text(ch_var(r, "id"))), &bill);
    return e == CH_OK ? ch_desk_csv_reply(r, "differences.csv", columns, CH_COUNT(columns), bill) : e;
}
