/* SPDX-License-Identifier: Apache-2.0
 * The picture of an electronic seal that the applicant has accepted, for the producer who puts it onto the token. */
#include "modules/produce/produce.h"

#include "core/order/seal.h"

static enum ch_err read_sealpicture(struct ch_req *r, struct ch_rows *rows)
{
    return ch_run(r, CH_CALL(&produce_sealpicture_row, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, produce_item(r))), rows);
}

enum ch_err produce_sealpicture(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_sealpicture(r, &rows);

    if (e == CH_OK && rows.n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    return e == CH_OK ? ch_reply_out(r, 200, &rows) : e;
}

enum ch_err produce_sealpicture_png(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_sealpicture(r, &rows);

    return e == CH_OK ? ch_seal_picture_reply(r, &rows, "png") : e;
}
