/* SPDX-License-Identifier: Apache-2.0
 * Saving the form: checked by the table, sealed, stored with its marks in one round trip. */
#include "core/hall/flow_private.h"

#include "core/hall/project.h"
#include "core/hall/rule.h"

#include <string.h>

/* Keyed hash of whom the order is for, by which orders of one unit are found. */
static struct ch_param owner_hash(struct ch_req *r, const struct ch_json *form, bool natural)
{
    const char *code = ch_json_text(form, natural ? "holder_id" : "unit_code");
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);

    if (code == NULL)
        return ch_p_null();
    ch_blind(ch_ring(), natural ? "person_id" : "unit_code", code, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

/* What lists show: a unit's name, a person's name masked. */
static const char *subject(struct ch_req *r, const struct ch_json *form, bool natural)
{
    const char *name = ch_json_text(form, natural ? "holder_name" : "unit_name");

    if (name == NULL)
        return "";
    return natural ? ch_mask_name(r->a, name) : name;
}

static struct ch_param years_param(struct ch_req *r, const struct ch_json *form)
{
    int64_t years;
    return ch_json_int(form, "years", &years) ? ch_p_int(r->a, years) : ch_p_null();
}

static struct ch_param seal_param(const struct ch_json *form)
{
    const struct ch_json *seal = ch_json_get(form, "seal_wanted");
    return seal != NULL ? ch_p_bool(seal->truth) : ch_p_null();
}

static enum ch_err store(struct ch_req *r, const char *id, const struct ch_form_spec *spec, const struct ch_json *form,
                         const char *text)
{
    const struct ch_flow_save_in *in = r->in;
    const char *person = ch_form_person(spec, form);
    bool natural = person != NULL && strcmp(person, "natural") == 0;
    struct ch_bytes sealed = ch_seal(ch_ring(), r->a, CH_ORDER_FORM, id, CH_BYTES(text, strlen(text)));
    const struct ch_call calls[] = {
        CH_CALL(&flow_order_save, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(ch_json_text(form, "cert_type")),
                years_param(r, form), seal_param(form), ch_p_bytes(sealed), ch_p_bool(in->complete),
                ch_p_text(ch_form_marks(r->a, ch_ring(), form)), owner_hash(r, form, natural),
                ch_p_text(subject(r, form, natural))),
        CH_CALL(&hall_order_view, ch_p_text(id)),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_order_reply(r, 200, id, &rows[1]) : e;
}

enum ch_err ch_flow_save(struct ch_req *r)
{
    const struct ch_flow_save_in *in = r->in;
    struct ch_form_spec spec;
    struct ch_json *kept;
    const char *id, *text;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_project_spec(r, &spec);
    if (e == CH_OK)
        e = ch_form_check(r, &spec, in->form, in->complete, &text);
    if (e == CH_OK && in->complete)
        e = ch_order_codes_known(r, in->form);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(text, strlen(text)), &kept, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "own JSON unreadable");
    return store(r, id, &spec, kept, text);
}
