/* SPDX-License-Identifier: Apache-2.0
 * The picture and the file of an electronic seal. */
#include "core/order/seal.h"

#include <string.h>

enum ch_err ch_seal_picture_reply(struct ch_req *r, const struct ch_rows *rows, const char *column)
{
    bool vector = strcmp(column, "svg") == 0;
    struct ch_bytes plain, encrypted = rows->n == 1 ? ch_col_bytes(rows, r->a, 0, column) : CH_BYTES(NULL, 0);

    if (encrypted.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND,
                           vector && rows->n == 1 ? "这枚印章取自扫描件，没有矢量图。" : "还没有确认印章样式。");
    if (!ch_decrypt(ch_ring(), r->a, vector ? "sealpicture.svg" : "sealpicture.png", ch_col(rows, 0, "sealpicture"),
                    encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "the picture does not open");
    return ch_reply_file(r, vector ? "image/svg+xml" : "image/png", NULL, plain);
}

enum ch_err ch_seal_file_reply(struct ch_req *r, const struct ch_rows *rows)
{
    struct ch_bytes seal = ch_col_bytes(rows, r->a, 0, "seal");

    if (seal.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "印章还没有制作完成。");
    return ch_reply_file(r, "application/octet-stream", ch_printf(r->a, "%s.esl", ch_col(rows, 0, "es_id")), seal);
}
