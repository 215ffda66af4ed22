/* SPDX-License-Identifier: Apache-2.0
 * Replies with an uploaded paper. */
#ifndef CH_PAPER_PAPER_H
#define CH_PAPER_PAPER_H

#include "core/web/request.h"

/* The sheet of a paper that the request names (?sheet=), from 1, as a parameter; without one, the first. `least` is 0 where that
 * means the next sheet (hall.paper_put). */
struct ch_param ch_paper_sheet(struct ch_req *r, int least);

/* Replies with the stored file of a paper, whose row has {id, mime, file_name, file_key}: pictures are shown in the browser,
 * other files are saved. CH_E_NOT_FOUND without a row. */
enum ch_err ch_paper_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

/* The same for a voucher of a transfer. */
#define CH_VOUCHER_KEY "voucher.key" /* place of ch_encrypt, the row is the voucher */
enum ch_err ch_paper_voucher_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

#endif
