/* SPDX-License-Identifier: Apache-2.0
 * The application form as data: form.tbl declares every field once, a project's rows say which of them it shows. From these
 * two come the check of what is sent, the JSON that the front renders, the printed form and the reviewer's page. */
#ifndef CH_FORM_FORM_H
#define CH_FORM_FORM_H

#include "core/json/json.h"
#include "core/web/request.h"

typedef const char *ch_form_rule(const char *text);

struct ch_form_field {
    const char *name, *block, *label;
    const char *kind;       /* text, idcard, mobile, email, uscc, region, bank_branch, account, postcode, choice, bool, years, type, items */
    int max;                /* code points; of items: how many */
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
    const struct ch_json *options;    /* of a choice: array of text, values of form.tbl or words of the project's own; NULL:
                                       * all that form.tbl has */
};

/* What one project asks for; valid as long as the arena it was read into. */
struct ch_form_spec {
    struct ch_form_shown *shown; /* in the order of form.tbl */
    size_t n;
    const struct ch_json *types; /* [{code,name,person,medium,most,years:[…]}] */
    const struct ch_json *project;    /* {slug,name,form_title,account_asked}: what is the same for all its orders */
    const struct ch_json *businesses; /* {code: name} */
    int64_t revision;
};

/* Reads {"revision","fields":[{field,required,hint,cert_types,levels,options}],"types":[…],"project":{…},"businesses":{…}}
 * (hall.form_spec). */
enum ch_err ch_form_spec_read(struct ch_arena *a, struct ch_fault *f, const char *json, struct ch_form_spec *out) CH_MUST;

/* Checks a form as sent. `complete`: every rule; otherwise only shape and length, so that a draft can be kept. Wrong fields
 * are noted with ch_wrong under "/form/…". The fields that apply come back as JSON text, the others are left out. */
enum ch_err ch_form_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form, bool complete,
                          const char **kept) CH_MUST;

/* Checks one value as part of that; `path` is where it stands: "unit_name", "items/2/years". Notes what is wrong. */
void ch_form_check_value(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s, const char *path,
                         const struct ch_json *v, bool complete);
/* A value as text, "true" and "false" for booleans; NULL when there is none. */
const char *ch_form_value(const struct ch_json *node);

/* Keyed hashes of the groups of fields, as the JSON object that hall.order_save compares. */
char *ch_form_marks(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

/* One of them, "print" or "stamp": what a printed paper says depends on it, so it goes into the paper's QR. */
char *ch_form_mark(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form, const char *group);

/* The type of that code: a member of spec->types, or NULL (also for NULL). */
const struct ch_json *ch_form_type(const struct ch_form_spec *spec, const char *code);
/* "institution", "holder" or "natural": whose certificate a form asks for; NULL while no type is chosen. */
const char *ch_form_person(const struct ch_form_spec *spec, const struct ch_json *form);
/* The items of a form, in the order of their numbers (hall.order_item): an array of objects as the rows of CH_ITEM say, or NULL.
 * Each is a certificate of its own; what is said above of a form's type holds for the first of them. */
const struct ch_json *ch_form_items(const struct ch_json *form);
/* The type of an item: a member of spec->types, or NULL. */
const struct ch_json *ch_form_item_type(const struct ch_form_spec *spec, const struct ch_json *item);

/* What people read of a choice's value: the label in form.tbl, or the value itself. NULL for NULL. */
const char *ch_form_option_label(const char *field, const char *value);
/* `member`: […], the field's choices as {code, name}. */
void ch_form_choices(struct ch_jw *w, const char *member, const char *field);

/* Who is authenticated on the phone: "holder" for natural persons, else "handler": the prefix of the fields. */
const char *ch_form_authenticated(const struct ch_form_spec *spec, const struct ch_json *form);

/* "blocks": […] for the front. */
void ch_form_blocks(struct ch_jw *w, const struct ch_form_spec *spec);

/* Calls `each` for every field that applies and has a value, block by block, and for every item ("items/0"); `value` is what
 * people read. `names` maps the codes of regions and branches to their names (an object of texts), may be NULL. */
struct ch_form_row {
    const char *block_title, *name, *label, *value;
    bool first_of_block;
};
typedef void ch_form_each(void *ctx, const struct ch_form_row *row);
void ch_form_walk(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *form, const struct ch_json *names,
                  ch_form_each *each, void *ctx);

#endif
