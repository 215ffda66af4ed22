/* SPDX-License-Identifier: Apache-2.0
 * The accepted picture of a seal, and the finished seal, as files. */
#include "modules/sealpicture/sealpicture.h"

#include "core/order/seal.h"

static enum ch_err read_seal_files(struct ch_req *r, struct ch_rows *rows)
{
    enum ch_err e =
        ch_run(r, CH_CALL(&sealpicture_files, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, sealpicture_item(r))), rows);

    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "还没有确认印章样式。");
    return e;
}

enum ch_err sealpicture_png(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_seal_picture_reply(r, &rows, "png") : e;
}

enum ch_err sealpicture_svg(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_seal_picture_reply(r, &rows, "svg") : e;
}

enum ch_err sealpicture_seal(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_seal_file_reply(r, &rows) : e;
}
