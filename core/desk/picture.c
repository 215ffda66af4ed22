/* SPDX-License-Identifier: Apache-2.0
 * The picture of a seal that its holder has accepted. */
#include "core/desk/desk.h"

#include "core/crypto/ring.h"

enum ch_err ch_desk_sealpicture_reply(struct ch_req *r, const struct ch_rows *rows)
{
    struct ch_bytes plain, encrypted = rows->n == 1 ? ch_col_bytes(rows, r->a, 0, "png") : CH_BYTES(NULL, 0);

    if (encrypted.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "还没有确认印章样式。");
    if (!ch_decrypt(ch_ring(), r->a, "sealpicture.png", ch_col(rows, 0, "sealpicture"), encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "the picture does not open");
    return ch_reply_file(r, "image/png", NULL, plain);
}
