/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/operations.h"

#include "core/base/clock.h"
#include "core/crypto/pin.h"
#include "core/json/json.h"
#include "programs/signer/issue.h"

#include <ctype.h>
#include <string.h>

#define FORM_PLACE "order.form"

/* A row of hall.signer_order. */
struct order {
    const char *id;
    const struct profile *profile;
    int years, generation;
    struct ch_bytes form, pin; /* sealed; p NULL where there is none */
    bool pin_wanted, issue_wanted;
    const char *serial; /* of a try that a crash has ended, or NULL */
    int64_t not_before, not_after;
};

static enum ch_err read_order(const struct signer *s, struct ch_arena *a, const char *id, struct order *out,
                              struct ch_fault *f)
{
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_order, ch_p_text(id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n != 1)
        return ch_fault(f, CH_E_CONFLICT, "the signer has no business with this order");
    const char *kind = ch_col(&r, 0, "cert_type");
    *out = (struct order){
        .id = id,
        .profile = kind != NULL ? profile_find(kind) : NULL,
        .years = (int)ch_col_int(&r, 0, "years"),
        .generation = (int)ch_col_int(&r, 0, "pin_generation"),
        .form = ch_col_bytes(&r, a, 0, "form_sealed"),
        .pin = ch_col_bytes(&r, a, 0, "pin_sealed"),
        .pin_wanted = ch_col_bool(&r, 0, "pin_wanted"),
        .issue_wanted = ch_col_bool(&r, 0, "issue_wanted"),
        .serial = ch_col(&r, 0, "serial"),
        .not_before = ch_col_int(&r, 0, "not_before"),
        .not_after = ch_col_int(&r, 0, "not_after"),
    };
    return CH_OK;
}

enum ch_err order_make_pin(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    enum ch_err e = read_order(s, a, order_id, &o, f);

    if (e != CH_OK)
        return e;
    if (!o.pin_wanted && o.pin.p != NULL)
        return CH_OK; /* asked twice: the answer to the first was lost */
    if (!o.pin_wanted)
        return ch_fault(f, CH_E_CONFLICT, "no PIN is wanted");
    struct ch_bytes sealed = ch_pin_seal(a, s->pin_key, order_id, o.generation, ch_pin_make(a));
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_pin, ch_p_text(order_id), ch_p_int(a, o.generation), ch_p_bytes(sealed)), NULL);
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

static enum ch_err plan_subject(struct signer *s, struct ch_arena *a, const struct order *o,
                                struct certificate_plan *plan, struct ch_fault *f)
{
    struct ch_json *form;
    enum ch_err e = open_form(s, a, o, &form, f);

    if (e != CH_OK)
        return e;
    plan->subject = (struct subject){
        .unit_name = ch_json_text(form, "unit_name"),
        .unit_code = ch_json_text(form, "unit_code"),
        .person_name = ch_json_text(form, "holder_name"),
        .person_id = ch_json_text(form, "holder_id"),
    };
    if (!o->profile->id_hash)
        return CH_OK;
    if (plan->subject.person_id == NULL)
        return ch_fault(f, CH_E_INVALID, "profile %s: no holder_id", o->profile->kind);
    ch_blind(s->ring, PROFILE_ID_FIELD, normal_id(a, plan->subject.person_id), plan->id_hash);
    return CH_OK;
}

/* Serial number and validity: new, or those of the row that a crash has left. Its key pair died with the process and
 * nobody has seen it, so a new one is made; the hash recorded under the serial number is then replaced. */
static enum ch_err plan_frame(const struct signer *s, const struct order *o, struct certificate_plan *plan,
                              struct ch_fault *f)
{
    if (o->serial != NULL) {
        plan->not_before = o->not_before;
        plan->not_after = o->not_after;
        return issue_serial_read(o->serial, plan->serial)
                   ? CH_OK
                   : ch_fault(f, CH_E_INTERNAL, "the serial number of the row is none");
    }
    issue_serial(plan->serial); /* one that is taken already is refused by the database: asked again, it is another */
    plan->not_before = ch_now_ms() / 1000 - CLOCK_SKEW;
    plan->not_after = issue_end(plan->not_before, o->years, signer_ca(s, "")->ca);
    return CH_OK;
}

static enum ch_err plan_certificate(struct signer *s, struct ch_arena *a, const struct order *o,
                                    struct certificate_plan *plan, struct ch_fault *f)
{
    if (!o->issue_wanted)
        return ch_fault(f, CH_E_CONFLICT, "no certificate is wanted");
    if (o->pin.p == NULL) /* it is under way: a refusal would end the job */
        return ch_fault(f, CH_E_UNAVAILABLE, "the PIN is not made yet");
    if (o->profile == NULL || o->years < 1 || o->form.p == NULL)
        return ch_fault(f, CH_E_INVALID, "the order says neither what nor for how long");
    *plan = (struct certificate_plan){.profile = o->profile, .origin = s->origin, .site = s->site};
    enum ch_err e = plan_subject(s, a, o, plan, f);
    return e != CH_OK ? e : plan_frame(s, o, plan, f);
}

/* Step one, a transaction of its own: what is going to be signed stands in the database before the key is used. */
static enum ch_err record_issuing(const struct signer *s, struct ch_arena *a, const struct order *o,
                                  const struct certificate_plan *plan, const struct issue *i, struct ch_fault *f)
{
    const struct hierarchy *ca = signer_ca(s, "");
    unsigned char spki[CH_SHA256_BYTES];

    ch_sha256(ch_public_der(a, i->key), spki);
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_issuing, ch_p_text(o->id), ch_p_text(issue_serial_text(a, plan->serial)),
                             ch_p_text(ca->algorithm), ch_p_text(ca->algorithm), ch_p_text(o->profile->kind),
                             ch_p_text(ch_rfc3339(a, plan->not_before)), ch_p_text(ch_rfc3339(a, plan->not_after)),
                             ch_p_bytes(CH_BYTES(i->tbs_sm3, sizeof i->tbs_sm3)), ch_p_bytes(CH_BYTES(spki, sizeof spki))),
                     NULL);
}

/* The key file under the order's PIN, whose opening is on record before it happens. */
static enum ch_err protect_key(const struct signer *s, struct ch_arena *a, const struct order *o,
                               const struct certificate_plan *plan, const struct issue *i, struct ch_bytes *key_file,
                               struct ch_fault *f)
{
    enum ch_err e = ch_db_one(
        s->db, a, f,
        CH_CALL(&signer_pin_opened, ch_p_text(o->id), ch_p_int(a, o->generation), ch_p_text("production")), NULL);

    if (e != CH_OK)
        return e;
    const char *pin = ch_pin_open(a, s->pin_key, o->id, o->generation, o->pin);
    if (pin == NULL)
        return ch_fault(f, CH_E_INTERNAL, "the PIN does not open");
    const struct subject *subject = &plan->subject;
    const char *friendly = strcmp(o->profile->kind, "institution") == 0 ? subject->unit_name : subject->person_name;
    return issue_key_file(a, signer_ca(s, ""), i, pin, friendly, s->iterations, key_file, f);
}

/* Step two: certificate, key file and the order's next state, in one transaction. */
static enum ch_err record_issued(const struct signer *s, struct ch_arena *a, const struct order *o,
                                 const struct certificate_plan *plan, const struct issue *i, struct ch_bytes key_file,
                                 struct ch_fault *f)
{
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_issued, ch_p_text(o->id), ch_p_text(issue_serial_text(a, plan->serial)),
                             ch_p_bytes(ch_cert_der(a, i->cert)), ch_p_bytes(key_file),
                             ch_p_text(ch_cert_subject(a, i->cert))),
                     NULL);
}

static enum ch_err issue_steps(const struct signer *s, struct ch_arena *a, const struct order *o,
                               const struct certificate_plan *plan, struct issue *i, struct ch_fault *f)
{
    struct ch_bytes key_file;
    enum ch_err e = record_issuing(s, a, o, plan, i, f);

    if (e == CH_OK)
        e = issue_sign(signer_ca(s, ""), i, f);
    if (e == CH_OK)
        e = protect_key(s, a, o, plan, i, &key_file, f);
    if (e == CH_OK)
        e = record_issued(s, a, o, plan, i, key_file, f);
    return e;
}

enum ch_err order_issue(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct order o;
    struct certificate_plan plan;
    struct issue i;
    enum ch_err e = read_order(s, a, order_id, &o, f);

    if (e == CH_OK)
        e = plan_certificate(s, a, &o, &plan, f);
    if (e == CH_OK)
        e = issue_prepare(signer_ca(s, ""), &plan, &i, f);
    if (e != CH_OK)
        return e;
    e = issue_steps(s, a, &o, &plan, &i, f);
    issue_free(&i);
    return e;
}
