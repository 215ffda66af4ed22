/* SPDX-License-Identifier: Apache-2.0
 * The pictures that the clerk takes: both sides of the card, and the signed statement. They are papers of the order. */
#include "modules/counter/counter.h"

#include "core/paper/paper.h"
#include "core/paper/store.h"
#include "core/paper/upload.h"

#include <string.h>

enum ch_err counter_picture_put(struct ch_req *r)
{
    const struct ch_param id = ch_p_text(ch_var(r, "id")), side = ch_p_text(ch_var(r, "side"));
    struct ch_upload f;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&counter_slot, id, side), NULL);
    if (e != CH_OK)
        return e;
    ch_upload_read(r, &f);
    if (f.mime != NULL && strcmp(f.mime, "image/jpeg") != 0 && strcmp(f.mime, "image/png") != 0)
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "请上传 JPG 或 PNG 格式的照片。");
    e = ch_upload_store(r, CH_PAPER_KEY, &f);
    if (e == CH_OK)
        e = ch_upload_keep(r, &f,
                           CH_CALL(&counter_picture_row, ch_p_text(f.id), id, side, ch_p_text(f.name),
                                   ch_p_text(f.mime), f.size, f.hash, ch_p_bytes(f.key)),
                           NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_upload_write(&w, r, &f);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err counter_picture(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e =
        ch_run(r, CH_CALL(&counter_picture_file, ch_p_text(ch_var(r, "id")), ch_p_text(ch_var(r, "side"))), &rows);

    return e == CH_OK ? ch_paper_reply(r, &rows) : e;
}
