/* SPDX-License-Identifier: Apache-2.0
 * The download of a receipt (core/order/receipt.h), the same for whoever may have it. The module lists receipt_statements. */
#ifndef CH_ORDER_RECEIPT_REPLY_H
#define CH_ORDER_RECEIPT_REPLY_H

#include "core/web/request.h"

/* Replies with the receipt of these rows, at least one (core/order/receipt_write.h); the route is CH_TX_SEVERAL, so that the proofs are of
 * the log that the rows are in. */
enum ch_err ch_receipt_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

#endif
