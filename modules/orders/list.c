/* SPDX-License-Identifier: Apache-2.0
 * The lists of the personal centre: orders with the guides' filters (inventory #24 to #27). */
#include "modules/orders/orders.h"

#include "core/form/rule.h"

static struct ch_param day(struct ch_req *r, const char *name)
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
    struct ch_param from = day(r, "from"), to = day(r, "to");
    const char *out;

    if (r->errors != NULL)
        return ch_fail(r, CH_E_INVALID, "filter");
    enum ch_err e = ch_run_text(r, CH_CALL(&orders_mine, ch_query_filter(r, "list"), ch_query_filter(r, "label"),
                                           ch_query_filter(r, "state"), ch_query_filter(r, "number"),
                                           ch_query_filter(r, "business"), ch_query_filter(r, "subject"), from, to,
                                           ch_query_filter(r, "after"), ch_p_int(r->a, ch_query_int(r, "page_size", 20, 1, 100))), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
