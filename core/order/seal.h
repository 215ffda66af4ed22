/* SPDX-License-Identifier: Apache-2.0
 * The picture and the file of an electronic seal, as replies to its holder and to staff. */
#ifndef CH_ORDER_SEAL_H
#define CH_ORDER_SEAL_H

#include "core/web/request.h"

/* Replies with a picture: `column` is "png" or "svg", where the row has it encrypted; the column sealpicture has its id.
 * CH_E_NOT_FOUND without a row or without such a picture. */
enum ch_err ch_seal_picture_reply(struct ch_req *r, const struct ch_rows *rows, const char *column) CH_MUST;

/* Replies with the finished seal in the columns es_id and seal of the first row; CH_E_NOT_FOUND while it is not made. */
enum ch_err ch_seal_file_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

#endif
