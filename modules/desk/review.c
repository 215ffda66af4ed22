/* SPDX-License-Identifier: Apache-2.0
 * The decisions of a reviewer. */
#include "modules/desk/desk.h"

enum ch_err desk_approve(struct ch_req *r)
{
    const struct desk_approve_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return desk_happen(r, id, CH_CALL(&desk_approve_row, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(in->note)));
}

static const char *reasons_json(struct ch_arena *a, const struct ch_list *list)
{
    const struct desk_reason_in *items = list->items;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < list->n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "pointer", items[i].pointer);
        ch_jw_text(&w, "text", items[i].text);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum ch_err desk_reject(struct ch_req *r)
{
    const struct desk_reject_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return desk_happen(r, id, CH_CALL(&desk_reject_row, ch_p_text(id), ch_p_int(r->a, in->version),
                                 ch_p_text(reasons_json(r->a, &in->reasons))));
}
