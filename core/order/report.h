/* SPDX-License-Identifier: Apache-2.0
 * Reports of orders and money (hall.report_orders): reading the request, and replying with a CSV table. */
#ifndef CH_ORDER_REPORT_H
#define CH_ORDER_REPORT_H

#include "core/web/request.h"

#define CH_REPORT_DAYS 400 /* the most days of one report */

struct ch_report {
    const char *from, *to; /* days "2026-11-21", both included */
    const char *by;        /* the dimensions as a PostgreSQL array of words */
};

/* Reads ?from=…&to=…&by=day,project. The default is the last thirty days, by day and project. CH_E_INVALID, with the wrong
 * parameters noted by ch_wrong. */
enum ch_err ch_report_asked(struct ch_req *r, struct ch_report *out) CH_MUST;

/* Replies with the rows of a report, the JSON text of hall.report_orders, as a CSV file. */
enum ch_err ch_report_csv(struct ch_req *r, const char *json);

#endif
