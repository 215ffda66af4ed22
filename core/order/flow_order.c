/* SPDX-License-Identifier: Apache-2.0
 * The start of an application: the project's set-up, and the draft. */
#include "core/order/flow_private.h"

#include "core/base/random.h"
#include "core/order/project.h"
#include "core/order/ticket.h"

#include <string.h>

enum ch_err ch_flow_setup(struct ch_req *r)
{
    struct ch_form_spec spec;
    const char *setup;
    struct ch_jw w;

    enum ch_err e = ch_project_spec(r, r->module->name, &spec);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL0(&flow_setup_json), &setup);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_members(&w, setup);
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

/* The call that gives the ticket's form to the draft: encrypted for the draft, with hashes by which its locked values are
 * recognized. */
static enum ch_err ticket_call(struct ch_req *r, const char *id, const char *entry, struct ch_call *out)
{
    struct ch_param *params = ch_alloc_array(r->a, 6, sizeof *params);
    struct ch_ticket ticket;
    int64_t years;

    enum ch_err e = ch_ticket_read(r, entry, &ticket);
    if (e != CH_OK)
        return e;
    params[0] = ch_p_text(id);
    params[1] = ch_p_text(ticket.id);
    params[2] = ch_p_text(ch_json_text(ticket.form, "cert_type"));
    params[3] = ch_json_int(ticket.form, "years", &years) ? ch_p_int(r->a, years) : ch_p_null();
    params[4] = ch_p_bytes(ch_encrypt(ch_ring(), r->a, CH_ORDER_FORM, id, CH_BYTES(ticket.text, strlen(ticket.text))));
    params[5] = ch_p_text(ch_ticket_hashes(r->a, ch_ring(), ticket.form));
    *out = ch_call_of(&flow_ticket_fill, params, 6);
    return CH_OK;
}

enum ch_err ch_flow_create(struct ch_req *r)
{
    const struct ch_flow_create_in *in = r->in;
    const char *id = ch_uuid7(r->a);
    struct ch_call calls[2] = {
        CH_CALL(&flow_order_create, ch_p_text(id), ch_p_text(ch_order_number(r->a)), ch_p_text(r->module->name),
                in->seal_wanted == CH_UNSAID ? ch_p_null() : ch_p_bool(in->seal_wanted == CH_YES),
                ch_p_text(ch_flow_ticked(r->a, &in->agreements))),
    };
    size_t n = 1;

    enum ch_err e = in->ticket != NULL ? ticket_call(r, id, in->ticket, &calls[n++]) : CH_OK;
    return e == CH_OK ? ch_order_after(r, 201, id, calls, n) : e;
}
