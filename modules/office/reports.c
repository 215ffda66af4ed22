/* SPDX-License-Identifier: Apache-2.0
 * Reports: numbers of orders and sums of money, as JSON and as a CSV file. */
#include "modules/office/office.h"

#include "core/order/report.h"

static enum ch_err read_report(struct ch_req *r, const char **out)
{
    struct ch_report asked;
    enum ch_err e = ch_report_asked(r, &asked);
    return e == CH_OK ? ch_run_text(r,
                                    CH_CALL(&office_report, ch_p_text(ch_query(r, "project")), ch_p_text(asked.from),
                                            ch_p_text(asked.to), ch_p_text(asked.by)),
                                    out)
                      : e;
}

enum ch_err office_report_json(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_report(r, &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err office_report_csv(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_report(r, &out);
    return e == CH_OK ? ch_report_csv(r, out) : e;
}
