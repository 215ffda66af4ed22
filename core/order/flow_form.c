/* SPDX-License-Identifier: Apache-2.0
 * Saves the form: checks it, encrypts it, and stores it with the keyed hashes of its groups in one round trip. */
#include "core/order/flow_private.h"

#include "core/base/codec.h"
#include "core/form/rule.h"
#include "core/order/project.h"
#include "core/order/ticket.h"

#include <string.h>

/* The keyed hash of the unit's or person's number, by which the orders of one applicant are found. */
static struct ch_param owner_hash(struct ch_req *r, const struct ch_json *form, bool natural)
{
    const char *code = ch_json_text(form, natural ? "holder_id" : "unit_code");
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);

    if (code == NULL)
        return ch_p_null();
    ch_blind(ch_ring(), natural ? "person_id" : "unit_code", code, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

/* The name that lists show: a unit's name, or a person's name masked. */
static const char *subject_name(struct ch_req *r, const struct ch_json *form, bool natural)
{
    const char *name = ch_json_text(form, natural ? "holder_name" : "unit_name");

    if (name == NULL)
        return "";
    return natural ? ch_rule_mask_name(r->a, name) : name;
}

/* The part of the form with the type and the years of the order: the first item, or the form itself. */
static const struct ch_json *first_part(const struct ch_json *form)
{
    const struct ch_json *items = ch_form_items(form);
    return items != NULL ? items->first : form;
}

/* An item as the database stores it. A person's data stay in the encrypted form; stored are a masked name and a keyed hash. */
static void put_item(struct ch_req *r, struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_json *item,
                     const char *unit)
{
    const char *person = ch_json_text(ch_form_item_type(spec, item), "person"), *id = ch_json_text(item, "holder_id");
    const char *name = ch_json_text(item, "holder_name");
    bool holder = person != NULL && strcmp(person, "holder") == 0;
    unsigned char hash[CH_SHA256_BYTES];

    ch_jw_object(w, NULL);
    ch_jw_text(w, "cert_type", ch_json_text(item, "cert_type"));
    ch_jw_node(w, "years", ch_json_get(item, "years"));
    ch_jw_text(w, "subject", !holder ? unit : name != NULL ? ch_rule_mask_name(r->a, name) : "");
    ch_jw_text(w, "style", ch_json_text(item, "style"));
    ch_jw_text(w, "seal_name", holder ? NULL : ch_json_text(item, "seal_name"));
    if (holder && id != NULL && *id != '\0') {
        ch_blind(ch_ring(), "person_id", id, hash);
        ch_jw_text(w, "holder_hash", ch_hex(r->a, CH_BYTES(hash, sizeof hash)));
    }
    ch_jw_text(w, "serial", ch_json_text(item, "serial"));
    ch_jw_end_object(w);
}

struct ch_param ch_flow_items(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form)
{
    const struct ch_json *items = ch_form_items(form);
    const char *unit = ch_json_text(form, "unit_name");
    struct ch_jw w;

    if (items == NULL)
        return ch_p_null();
    ch_jw_init(&w, r->a);
    ch_jw_array(&w, NULL);
    for (const struct ch_json *i = items->first; i != NULL; i = i->next)
        put_item(r, &w, spec, i, unit != NULL ? unit : "");
    ch_jw_end_array(&w);
    return ch_p_text(ch_jw_done(&w));
}

static enum ch_err store_form(struct ch_req *r, const char *id, const struct ch_form_spec *spec,
                              const struct ch_json *form, const char *text)
{
    const struct ch_flow_save_in *in = r->in;
    const struct ch_json *first = first_part(form), *seal = ch_json_get(form, "seal_wanted"),
                         *hidden = ch_json_get(form, "publish_opt_out");
    const char *person = ch_form_person(spec, form);
    int64_t years;
    struct ch_param years_param = ch_json_int(first, "years", &years) ? ch_p_int(r->a, years) : ch_p_null();
    bool natural = person != NULL && strcmp(person, "natural") == 0;
    struct ch_bytes encrypted = ch_encrypt(ch_ring(), r->a, CH_ORDER_FORM, id, CH_BYTES(text, strlen(text)));
    const struct ch_call calls[] = {
        CH_CALL(&flow_codes_known, ch_p_text(ch_order_codes(r->a, form))),
        CH_CALL(&flow_ticket_keeps, ch_p_text(id), ch_p_text(ch_ticket_hashes(r->a, ch_ring(), form))),
        CH_CALL(&flow_order_save, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(ch_json_text(first, "cert_type")),
                years_param, seal != NULL ? ch_p_bool(seal->truth) : ch_p_null(), ch_p_bytes(encrypted),
                ch_p_bool(in->complete), ch_p_text(ch_form_marks(r->a, ch_ring(), form)), owner_hash(r, form, natural),
                ch_p_text(subject_name(r, form, natural)), ch_p_text(ch_json_text(form, "mail_region")),
                ch_flow_items(r, spec, form), hidden != NULL ? ch_p_bool(hidden->truth) : ch_p_null()),
    };
    size_t skipped = in->complete ? 0 : 1; /* the codes of a draft need not exist yet */
    return ch_order_after(r, 200, id, calls + skipped, CH_COUNT(calls) - skipped);
}

enum ch_err ch_flow_save(struct ch_req *r)
{
    const struct ch_flow_save_in *in = r->in;
    struct ch_form_spec spec;
    struct ch_json *kept;
    const char *text;

    enum ch_err e = ch_project_spec(r, r->module->name, &spec);
    if (e == CH_OK)
        e = ch_form_check(r, &spec, in->form, in->complete, &text);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(text, strlen(text)), &kept, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the checked form is not JSON");
    return store_form(r, ch_var(r, "id"), &spec, kept, text);
}
