/* SPDX-License-Identifier: Apache-2.0
 * What an application begins with: the project's set-up, a draft. */
#include "core/hall/flow_private.h"

#include "core/base/random.h"
#include "core/hall/project.h"

#include <string.h>

enum ch_err ch_flow_setup(struct ch_req *r)
{
    struct ch_form_spec spec;
    struct ch_json *setup;
    const char *out;
    struct ch_jw w;

    enum ch_err e = ch_project_spec(r, &spec);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL0(&flow_setup_json), &out);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &setup, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "set-up unreadable");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    for (const struct ch_json *m = setup->first; m != NULL; m = m->next)
        ch_jw_node(&w, m->key, m);
    ch_jw_node(&w, "types", spec.types);
    ch_form_blocks(&w, &spec);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

const char *ch_flow_ticked(struct ch_arena *a, const struct ch_list *list)
{
    const struct ch_flow_agreement_in *items = list->items;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < list->n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "code", items[i].code);
        ch_jw_text(&w, "version", items[i].version);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum ch_err ch_flow_create(struct ch_req *r)
{
    const struct ch_flow_create_in *in = r->in;
    const char *id = ch_uuid7(r->a);
    const struct ch_call calls[] = {
        CH_CALL(&flow_order_create, ch_p_text(id), ch_p_text(ch_order_number(r->a)), ch_p_text(r->module->name),
                in->seal_wanted == CH_UNSAID ? ch_p_null() : ch_p_bool(in->seal_wanted == CH_YES),
                ch_p_text(ch_flow_ticked(r->a, &in->agreements))),
        CH_CALL(&hall_order_view, ch_p_text(id)),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_order_reply(r, 201, id, &rows[1]) : e;
}
