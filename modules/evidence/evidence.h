/* SPDX-License-Identifier: Apache-2.0
 * Module evidence: evidence packages of orders, and exports of the signed log, which auditors ask for (docs/evidence.md). */
#ifndef MODULE_EVIDENCE_H
#define MODULE_EVIDENCE_H

#include "core/desk/desk.h"
#include "core/web/request.h"
#include "evidence_sql.h"

/* The body of a request for a package. */
struct evidence_in {
    const char *number; /* of the order */
    const char *reason;
};
/* The body of a request for an export of the log. */
struct evidence_log_in {
    const char *reason;
};

#define EVIDENCE_PAGE 20 /* rows of a list */

/* Replies with a page of at most `most` of the rows: their columns `out`, with the reason decrypted, whose place that is. */
enum ch_err evidence_reply(struct ch_req *r, int status, const char *place, const struct ch_rows *rows, int most) CH_MUST;

ch_handler evidence_log_list, evidence_log_ask, evidence_log_fetch; /* log.c */

#endif
