/* SPDX-License-Identifier: Apache-2.0
 * The applicant's list of orders, with the filters of the guides (inventory #24 to #27). */
#include "modules/orders/orders.h"

#include "core/form/rule.h"

/* A day of the query; SQL NULL without one. A malformed day is noted as a wrong field. */
static struct ch_param query_day(struct ch_req *r, const char *name)
{
    const char *v = ch_query(r, name);

    if (v == NULL || *v == '\0')
        return ch_p_null();
    const char *wrong = ch_rule_date(v);
    if (wrong == NULL)
        return ch_p_text(v);
    ch_wrong(r, ch_printf(r->a, "/%s", name), "rule", wrong);
    return ch_p_null();
}

enum ch_err orders_list(struct ch_req *r)
{
    struct ch_param from = query_day(r, "from"), to = query_day(r, "to");
    const char *out;

    if (r->errors != NULL)
        return ch_fail(r, CH_E_INVALID, "filter");
    enum ch_err e = ch_run_text(
        r,
        CH_CALL(&orders_mine, ch_query_filter(r, "list"), ch_query_filter(r, "label"), ch_query_filter(r, "state"),
                ch_query_filter(r, "number"), ch_query_filter(r, "business"), ch_query_filter(r, "subject"), from, to,
                ch_query_filter(r, "after"), ch_p_int(r->a, ch_query_int(r, "page_size", 20, 1, 100))),
        &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
