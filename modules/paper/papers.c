/* SPDX-License-Identifier: Apache-2.0
 * The papers of an order. The project defines which papers there are, and each has a code. A phone that came by a link names no
 * order: the link is for one. */
#include "modules/paper/paper.h"

#include "core/base/random.h"
#include "core/paper/paper.h"
#include "core/paper/store.h"
#include "core/web/input.h"

#define UUID_CHARS 36

static const char *rule_uuid(const char *text)
{
    return ch_is_uuid(text) ? NULL : "请刷新后再试。";
}

static const struct ch_field keep_fields[] = {
    CH_IN_TEXT(struct paper_keep_in, id, CH_REQUIRED, UUID_CHARS, UUID_CHARS, rule_uuid),
};
const struct ch_input paper_keep_body = CH_INPUT(struct paper_keep_in, keep_fields);

enum ch_err paper_put(struct ch_req *r)
{
    const char *order = ch_var(r, "id"), *code = ch_var(r, "code");
    const struct ch_param sheet = ch_paper_sheet(r, 0);
    struct ch_upload f;
    struct ch_rows made;
    struct ch_jw w;

    ch_upload_read(r, &f);
    const struct paper_way way = {.may = CH_CALL(&paper_slot, ch_p_text(order), ch_p_text(code), ch_p_text(f.mime)),
                                  .order = order,
                                  .key_place = CH_PAPER_KEY};
    enum ch_err e = paper_store(r, &way, &f);
    if (e == CH_OK)
        e = ch_upload_keep(r, &f,
                           CH_CALL(&paper_put_row, ch_p_text(f.id), ch_p_text(order), ch_p_text(code),
                                   ch_p_text(f.name), ch_p_text(f.mime), f.size, f.hash, ch_p_bytes(f.key), sheet),
                           &made);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "paper");
    ch_jw_text(&w, "code", code);
    ch_jw_text(&w, "state", "ok");
    ch_jw_int(&w, "sheet", ch_col_int(&made, 0, "sheet"));
    ch_upload_write(&w, r, &f);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err paper_get(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(
        r, CH_CALL(&paper_view, ch_p_text(ch_var(r, "id")), ch_p_text(ch_var(r, "code")), ch_paper_sheet(r, 1)), &rows);

    return e == CH_OK ? ch_paper_reply(r, &rows) : e;
}

enum ch_err paper_delete(struct ch_req *r)
{
    enum ch_err e = ch_run(
        r, CH_CALL(&paper_delete_row, ch_p_text(ch_var(r, "id")), ch_p_text(ch_var(r, "code")), ch_paper_sheet(r, 1)), NULL);

    return e == CH_OK ? ch_reply_empty(r) : e;
}
