/* SPDX-License-Identifier: Apache-2.0
 * The orders that a platform has brought, and reports about them. The answers contain nothing about persons. */
#include "modules/partner/partner.h"

#include "core/base/clock.h"
#include "core/order/receipt_reply.h"
#include "core/order/report.h"

#include <string.h>

static void check_day(struct ch_req *r, const char *name)
{
    const char *v = ch_query(r, name);
    if (v != NULL && *v != '\0' && (strlen(v) != 10 || ch_parse_rfc3339(ch_printf(r->a, "%sT00:00:00Z", v)) < 0))
        ch_wrong(r, ch_printf(r->a, "/%s", name), "shape", "日期应为 2026-01-31 的形式。");
}

enum ch_err partner_orders(struct ch_req *r)
{
    struct partner_caller caller;
    const char *out;

    enum ch_err e = partner_check(r, &caller);
    if (e != CH_OK)
        return e;
    check_day(r, "from");
    check_day(r, "to");
    if (r->errors != NULL)
        return ch_fail(r, CH_E_INVALID, "orders");
    e = partner_run(r, &caller,
                    CH_CALL(&partner_order_list, ch_query_filter(r, "from"), ch_query_filter(r, "to"),
                            ch_query_filter(r, "state"), ch_query_filter(r, "reference"), ch_query_filter(r, "after"),
                            ch_p_int(r->a, ch_query_int(r, "page_size", 50, 1, 200))),
                    &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* The receipt of an order (core/order/receipt.h), all rows as digests: the platform has done none of them. */
enum ch_err partner_receipt(struct ch_req *r)
{
    struct partner_caller caller;
    struct ch_rows rows;

    enum ch_err e = partner_check(r, &caller);
    if (e == CH_OK)
        e = partner_rows(r, &caller, CH_CALL(&partner_receipt_rows, ch_p_text(ch_var(r, "number"))), &rows);
    if (e == CH_OK)
        e = ch_need_row(r, &rows);
    return e == CH_OK ? ch_receipt_reply(r, &rows) : e;
}

static enum ch_err read_report(struct ch_req *r, const char **out)
{
    struct partner_caller caller;
    struct ch_report asked_for;

    enum ch_err e = partner_check(r, &caller);
    if (e == CH_OK)
        e = ch_report_asked(r, &asked_for);
    if (e != CH_OK)
        return e;
    return partner_run(
        r, &caller,
        CH_CALL(&partner_report, ch_p_text(asked_for.from), ch_p_text(asked_for.to), ch_p_text(asked_for.by)), out);
}

enum ch_err partner_report_json(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_report(r, &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err partner_report_csv(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_report(r, &out);
    return e == CH_OK ? ch_report_csv(r, out) : e;
}
