/* SPDX-License-Identifier: Apache-2.0
 * An uploaded paper as the answer to a request. */
#ifndef CH_PAPER_PAPER_H
#define CH_PAPER_PAPER_H

#include "core/web/request.h"

/* Takes the row {id, mime, file_name, file_key} of a paper and answers with the file out of the store: pictures in place,
 * anything else to be saved. CH_E_NOT_FOUND without a row. */
enum ch_err ch_paper_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

/* The same for a voucher of a transfer. */
#define CH_VOUCHER_KEY "voucher.key"
enum ch_err ch_paper_voucher_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

#endif
