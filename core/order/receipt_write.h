/* SPDX-License-Identifier: Apache-2.0
 * Writing receipts (core/order/receipt.h) from rows of the audit trail: number, size, root, signature, signed_at, subject, seq, leaf,
 * head, body, as hall.receipt_rows has them. The hashes of the log that their proofs need are found out first, and then read with
 * hall.log_groups(levels, ats), which answers level, group, hashes. */
#ifndef CH_ORDER_RECEIPT_WRITE_H
#define CH_ORDER_RECEIPT_WRITE_H

#include "core/db/db.h"

struct ch_receipt_groups;

/* Finds them out; *levels and *ats are texts of PostgreSQL arrays. NULL when a leaf is not in the log. */
struct ch_receipt_groups *ch_receipt_needs(struct ch_arena *a, const struct ch_rows *rows, const char **levels,
                                           const char **ats) CH_MUST;
/* The text of the receipt, with what was `found`; NULL when a hash is missing, because the runner has not kept it yet. */
const char *ch_receipt_text(struct ch_receipt_groups *g, const struct ch_rows *rows, const struct ch_rows *found) CH_MUST;

#endif
