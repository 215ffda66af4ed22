/* SPDX-License-Identifier: Apache-2.0
 * The application form as data: form.tbl declares every field once, a project's rows say which of them it shows. From these
 * two come the check of what is sent, the JSON that the front renders, the printed form and the reviewer's page. */
#ifndef CH_HALL_FORM_H
#define CH_HALL_FORM_H

#include "core/json/json.h"
#include "core/web/request.h"

typedef const char *ch_form_rule(const char *text);

struct ch_form_field {
    const char *name, *block, *label;
    const char *kind;       /* text, idcard, mobile, email, uscc, region, bank_branch, account, postcode, choice, bool, years, type */
    int max;                /* code points */
    ch_form_rule *rule;
    const char *groups;     /* letters: P printed form, H phone authentication, A account, C price, S seal picture */
};

/* A field as a project shows it. */
struct ch_form_shown {
    const struct ch_form_field *field;
    bool required;
    const char *hint;
    const struct ch_json *cert_types; /* array of text; NULL: all */
    int levels;                       /* of a region */
};

/* What one project asks for; valid as long as the arena it was read into. */
struct ch_form_spec {
    struct ch_form_shown *shown; /* in the order of form.tbl */
    size_t n;
    const struct ch_json *types; /* [{code,name,person,medium,years:[…]}] */
    int64_t revision;
};

/* Reads {"revision","fields":[{field,required,hint,cert_types,levels}],"types":[…]} (hall.form_spec). */
enum ch_err ch_form_spec_read(struct ch_arena *a, struct ch_fault *f, const char *json, struct ch_form_spec *out) CH_MUST;

/* Checks a form as sent. `complete`: every rule; otherwise only shape and length, so that a draft can be kept. Wrong fields
 * are noted with ch_wrong under "/form/…". The fields that apply come back as JSON text, the others are left out. */
enum ch_err ch_form_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form, bool complete,
                          const char **kept) CH_MUST;

/* Keyed hashes of the groups of fields, as the JSON object that hall.order_save compares. */
char *ch_form_marks(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

/* The mark of what stands on the printed form: goes into its QR. */
char *ch_form_print_mark(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

/* "institution", "holder" or "natural": whose certificate a form asks for; NULL while no type is chosen. */
const char *ch_form_person(const struct ch_form_spec *spec, const struct ch_json *form);
/* The name of the chosen type, or NULL. */
const char *ch_form_type_name(const struct ch_form_spec *spec, const struct ch_json *form);
/* Who is authenticated on the phone: "holder" for natural persons, else "handler": the prefix of the fields. */
const char *ch_form_authenticated(const struct ch_form_spec *spec, const struct ch_json *form);

/* "blocks": […] for the front. */
void ch_form_blocks(struct ch_jw *w, const struct ch_form_spec *spec);

/* Calls `each` for every field that applies and has a value, block by block; `value` is what people read. `names` maps the
 * codes of regions and branches to their names (an object of texts), may be NULL. */
struct ch_form_row {
    const char *block_title, *name, *label, *value;
    bool first_of_block;
};
typedef void ch_form_each(void *ctx, const struct ch_form_row *row);
void ch_form_walk(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *form, const struct ch_json *names,
                  ch_form_each *each, void *ctx);

#endif
