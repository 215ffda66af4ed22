/* SPDX-License-Identifier: Apache-2.0
 * Reading an order from the database, and the subjects of its certificates from the encrypted form. */
#include "programs/signer/order.h"

#include "core/base/config.h"
#include "core/form/item.h"

#include <ctype.h>
#include <string.h>

#define FORM_PLACE "order.form"

static struct order_item read_item(const struct ch_rows *r, struct ch_arena *a, int row)
{
    return (struct order_item){
        .number = (int)ch_col_int(r, row, "item"),
        .seal_name = ch_col(r, row, "seal_name"),
        .years = (int)ch_col_int(r, row, "years"),
        .medium = ch_col_text(r, row, "medium"),
        .token = ch_col_bool(r, row, "token"),
        .request_wanted = ch_col_bool(r, row, "request_wanted"),
        .issue_wanted = ch_col_bool(r, row, "issue_wanted"),
        .request = ch_col_bytes(r, a, row, "request"),
        .key_encrypted = ch_col_bytes(r, a, row, "key_encrypted"),
        .answer = ch_col_bytes(r, a, row, "answer"),
        .serial = ch_col(r, row, "serial"),
        .encryption_serial = ch_col(r, row, "encryption_serial"),
        .not_before = ch_col_int(r, row, "not_before"),
        .not_after = ch_col_int(r, row, "not_after"),
        .keep_end = ch_col_int(r, row, "keep_end"),
        .old_end = ch_col_int(r, row, "old_end"),
    };
}

static enum ch_err find_profiles(const struct signer *s, const char *kind, bool pair, struct order_item *i,
                                 struct ch_fault *f)
{
    i->profile = kind != NULL ? ch_profile_find(s->profiles, kind) : NULL;
    if (i->profile == NULL || i->years < 1)
        return ch_fault(f, CH_E_INVALID, "item %d says neither what nor for how long", i->number);
    if (!pair)
        return CH_OK;
    i->pair = i->profile->dual != NULL ? ch_profile_find(s->profiles, i->profile->dual) : NULL;
    return i->pair != NULL ? CH_OK : ch_fault(f, CH_E_INVALID, "profile %s has no other half", kind);
}

/* Decrypts the form. The field keys are read anew if the form's key is not known yet. */
static enum ch_err open_form(struct signer *s, struct ch_arena *a, struct ch_bytes encrypted, struct order *o,
                             struct ch_fault *f)
{
    struct ch_bytes plain;

    if (encrypted.p == NULL)
        return ch_fault(f, CH_E_INVALID, "the order has no form");
    bool opened = ch_decrypt(s->ring, a, FORM_PLACE, o->id, encrypted, &plain) ||
                  (signer_load_ring(s) && ch_decrypt(s->ring, a, FORM_PLACE, o->id, encrypted, &plain));
    if (!opened)
        return ch_fault(f, CH_E_INTERNAL, "the form does not open");
    if (ch_json_parse(a, plain, &o->form, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_INTERNAL, "the form is no JSON");
    return CH_OK;
}

enum ch_err order_read(struct signer *s, struct ch_arena *a, const char *id, struct order *out, struct ch_fault *f)
{
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_order, ch_p_text(id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n == 0)
        return ch_fault(f, CH_E_CONFLICT, "the signer has no business with this order");
    *out = (struct order){.id = id,
                          .number = ch_col_text(&r, 0, "number"),
                          .papers = ch_col_text(&r, 0, "papers"),
                          .ca = ch_col(&r, 0, "ca"),
                          .algorithm = ch_col(&r, 0, "algorithm"),
                          .external = ch_col_bool(&r, 0, "external"),
                          .n = (size_t)r.n,
                          .items = ch_alloc_array(a, (size_t)r.n, sizeof *out->items)};
    if (out->algorithm == NULL)
        out->algorithm = ch_conf(CONF_CA_ALGORITHM);
    if (out->ca == NULL)
        out->ca = ch_conf(CONF_CA_ALGORITHM);
    e = open_form(s, a, ch_col_bytes(&r, a, 0, "form_encrypted"), out, f);
    for (int row = 0; e == CH_OK && row < r.n; row++) {
        out->items[row] = read_item(&r, a, row);
        e = find_profiles(s, ch_col(&r, row, "profile"), ch_col_bool(&r, row, "pair"), &out->items[row], f);
    }
    return e;
}

bool order_ready(const struct order *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (!o->items[i].issue_wanted)
            return false;
    return true;
}

/* Normalizes an ID number for hashing: no surrounding blanks, the check letter in upper case. */
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

struct ch_call order_keep_call(struct ch_arena *a, struct ch_call c)
{
    struct ch_param *params = ch_alloc_array(a, c.n, sizeof *params);

    memcpy(params, c.params, c.n * sizeof *params);
    c.params = params;
    return c;
}

struct ch_subject order_names(struct ch_arena *a, const struct order *o, const struct order_item *i)
{
    const struct ch_json *part = ch_item_part(o->form, i->number);

    /* A unit's certificates for parts of its business differ by the names of their seals. */
    return (struct ch_subject){
        .unit_name = ch_json_text(o->form, "unit_name"),
        .unit_code = ch_json_text(o->form, "unit_code"),
        .business_name = i->seal_name != NULL ? i->seal_name : ch_printf(a, "业务章%d", i->number),
        .person_name = ch_json_text(part, "holder_name"),
        .person_id = ch_json_text(part, "holder_id"),
    };
}

enum ch_err order_subject(const struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                          struct ch_certificate_plan *plan, struct ch_fault *f)
{
    plan->subject = order_names(a, o, i);
    if (!i->profile->id_hash && (i->pair == NULL || !i->pair->id_hash))
        return CH_OK;
    if (plan->subject.person_id == NULL)
        return ch_fault(f, CH_E_INVALID, "the profile wants the ID number of a person, the form has none");
    ch_blind(s->ring, CH_PROFILE_ID_FIELD, normal_id(a, plan->subject.person_id), plan->id_hash);
    return CH_OK;
}
