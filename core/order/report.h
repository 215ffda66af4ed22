/* SPDX-License-Identifier: Apache-2.0
 * Reports of orders and money (hall.report_orders): what a request asks for, and the answer as JSON or as a table. */
#ifndef CH_ORDER_REPORT_H
#define CH_ORDER_REPORT_H

#include "core/web/request.h"

#define CH_REPORT_DAYS 400 /* at most in one report */

struct ch_report {
    const char *from, *to; /* days "2026-11-21", both included */
    const char *by;        /* the dimensions as a PostgreSQL array of words */
};

/* Reads ?from=…&to=…&by=day,project: without days the last thirty, without dimensions by day and project. Notes what is
 * wrong. */
enum ch_err ch_report_asked(struct ch_req *r, struct ch_report *out) CH_MUST;

/* Answers with the rows of a report as a table that a spreadsheet opens. */
enum ch_err ch_report_csv(struct ch_req *r, const char *json);

#endif
