/* SPDX-License-Identifier: Apache-2.0
 * The comparison of the payment vendors' daily bills with the hall's own books: asking for a day's bill, and showing the
 * differences. The runner fetches and compares the bills (programs/runner/bill.c). */
#include "modules/finance/finance.h"

#include "core/format/csv.h"
#include "core/form/rule.h"

#include <string.h>

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

static void write_amount(struct ch_csv *c, const struct ch_json *row, const char *key)
{
    int64_t fen;

    if (ch_json_int(row, key, &fen))
        ch_csv_fen(c, fen);
    else
        ch_csv_text(c, NULL);
}

enum ch_err finance_bill_csv(struct ch_req *r)
{
    static const char *const columns[] = {"类别",           "差异",         "商户订单号", "商户退款单号",
                                          "本系统金额(元)", "账单金额(元)", "业务单号"};
    struct ch_json *root;
    struct ch_csv c;
    const char *out;

    enum ch_err e = ch_run_text(r, CH_CALL(&finance_bill, ch_p_text(ch_var(r, "id"))), &out);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &root, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the differences are no JSON");
    ch_csv_init(&c, r->a);
    for (size_t i = 0; i < CH_COUNT(columns); i++)
        ch_csv_text(&c, columns[i]);
    ch_csv_end_row(&c);
    for (const struct ch_json *row = ch_json_first(root, "items"); row != NULL; row = row->next) {
        ch_csv_text(&c, ch_json_text(row, "kind_name"));
        ch_csv_text(&c, ch_json_text(row, "what_name"));
        ch_csv_text(&c, ch_json_text(row, "number"));
        ch_csv_text(&c, ch_json_text(row, "refund_number"));
        write_amount(&c, row, "ours");
        write_amount(&c, row, "theirs");
        ch_csv_text(&c, ch_json_text(row, "order_number"));
        ch_csv_end_row(&c);
    }
    return ch_reply_file(r, "text/csv; charset=utf-8", "differences.csv", ch_csv_done(&c));
}
