/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/order.h"

#include "core/json/json.h"

#include <ctype.h>
#include <string.h>

#define FORM_PLACE "order.form"

static struct order read_row(const struct ch_rows *r, struct ch_arena *a, const char *id)
{
    return (struct order){
        .id = id,
        .years = (int)ch_col_int(r, 0, "years"),
        .form = ch_col_bytes(r, a, 0, "form_sealed"),
        .ca = ch_col(r, 0, "ca"),
        .external = ch_col_bool(r, 0, "external"),
        .token = ch_col_bool(r, 0, "token"),
        .request_wanted = ch_col_bool(r, 0, "request_wanted"),
        .issue_wanted = ch_col_bool(r, 0, "issue_wanted"),
        .request = ch_col_bytes(r, a, 0, "request"),
        .key_sealed = ch_col_bytes(r, a, 0, "key_sealed"),
        .answer = ch_col_bytes(r, a, 0, "answer"),
        .serial = ch_col(r, 0, "serial"),
        .encryption_serial = ch_col(r, 0, "encryption_serial"),
        .not_before = ch_col_int(r, 0, "not_before"),
        .not_after = ch_col_int(r, 0, "not_after"),
        .keep_end = ch_col_int(r, 0, "keep_end"),
    };
}

static enum ch_err find_profiles(const struct signer *s, const char *kind, bool pair, struct order *o,
                                 struct ch_fault *f)
{
    o->profile = kind != NULL ? ch_profile_find(s->profiles, kind) : NULL;
    if (o->profile == NULL || o->years < 1 || o->form.p == NULL)
        return ch_fault(f, CH_E_INVALID, "the order says neither what nor for how long");
    if (!pair)
        return CH_OK;
    o->pair = o->profile->dual != NULL ? ch_profile_find(s->profiles, o->profile->dual) : NULL;
    return o->pair != NULL ? CH_OK : ch_fault(f, CH_E_INVALID, "profile %s has no other half", kind);
}

enum ch_err order_read(const struct signer *s, struct ch_arena *a, const char *id, struct order *out,
                       struct ch_fault *f)
{
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_order, ch_p_text(id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n != 1)
        return ch_fault(f, CH_E_CONFLICT, "the signer has no business with this order");
    *out = read_row(&r, a, id);
    return find_profiles(s, ch_col(&r, 0, "profile"), ch_col_bool(&r, 0, "pair"), out, f);
}

static enum ch_err open_form(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_json **form,
                             struct ch_fault *f)
{
    struct ch_bytes plain;
    bool opened = ch_unseal(s->ring, a, FORM_PLACE, o->id, o->form, &plain) ||
                  (signer_load_ring(s) && ch_unseal(s->ring, a, FORM_PLACE, o->id, o->form, &plain));

    if (!opened)
        return ch_fault(f, CH_E_INTERNAL, "the form does not open");
    if (ch_json_parse(a, plain, form, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_INTERNAL, "the form is no JSON");
    return CH_OK;
}

/* An ID number as it is hashed everywhere: no blanks around, the check letter in upper case. */
static char *normal_id(struct ch_arena *a, const char *id)
{
    while (isspace((unsigned char)*id))
        id++;
    char *out = ch_strdup(a, id);
    size_t n = strlen(out);

    while (n > 0 && isspace((unsigned char)out[n - 1]))
        out[--n] = '\0';
    for (char *p = out; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    return out;
}

static enum ch_err hash_id(struct signer *s, struct ch_arena *a, struct ch_certificate_plan *plan, struct ch_fault *f)
{
    if (plan->subject.person_id == NULL)
        return ch_fault(f, CH_E_INVALID, "the profile wants the ID number of a person, the form has none");
    ch_blind(s->ring, CH_PROFILE_ID_FIELD, normal_id(a, plan->subject.person_id), plan->id_hash);
    return CH_OK;
}

enum ch_err order_subject(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_certificate_plan *plan,
                          struct ch_fault *f)
{
    struct ch_json *form;
    enum ch_err e = open_form(s, a, o, &form, f);

    if (e != CH_OK)
        return e;
    plan->subject = (struct ch_subject){
        .unit_name = ch_json_text(form, "unit_name"),
        .unit_code = ch_json_text(form, "unit_code"),
        .business_name = ch_json_text(form, "business_name"),
        .person_name = ch_json_text(form, "holder_name"),
        .person_id = ch_json_text(form, "holder_id"),
    };
    return o->profile->id_hash || (o->pair != NULL && o->pair->id_hash) ? hash_id(s, a, plan, f) : CH_OK;
}
