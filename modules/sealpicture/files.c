/* SPDX-License-Identifier: Apache-2.0
 * The accepted picture of a seal, and the finished seal, as files. */
#include "modules/sealpicture/sealpicture.h"

static enum ch_err read_seal_files(struct ch_req *r, struct ch_rows *rows)
{
    enum ch_err e =
        ch_run(r, CH_CALL(&sealpicture_files, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, sealpicture_item(r))), rows);

    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "还没有确认印章样式。");
    return e;
}

static enum ch_err answer_picture(struct ch_req *r, const char *column, const char *place, const char *mime)
{
    struct ch_rows rows;
    struct ch_bytes plain;
    enum ch_err e = read_seal_files(r, &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes encrypted = ch_col_bytes(&rows, r->a, 0, column);
    if (encrypted.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "这枚印章取自扫描件，没有矢量图。");
    if (!ch_decrypt(ch_ring(), r->a, place, ch_col(&rows, 0, "id"), encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "the picture does not open");
    return ch_reply_file(r, mime, NULL, plain);
}

enum ch_err sealpicture_png(struct ch_req *r)
{
    return answer_picture(r, "png", "sealpicture.png", "image/png");
}

enum ch_err sealpicture_svg(struct ch_req *r)
{
    return answer_picture(r, "svg", "sealpicture.svg", "image/svg+xml");
}

enum ch_err sealpicture_seal(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes seal = ch_col_bytes(&rows, r->a, 0, "seal");
    if (seal.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "印章还没有制作完成。");
    return ch_reply_file(r, "application/octet-stream", ch_printf(r->a, "%s.esl", ch_col(&rows, 0, "es_id")), seal);
}
