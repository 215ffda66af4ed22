/* SPDX-License-Identifier: Apache-2.0
 * The application form as data. form.tbl declares every field once; the rows of a project say which of them it shows. The check
 * of a form, the JSON that the front end renders, the printed form and the reviewer's page all follow from these two. */
#ifndef CH_FORM_FORM_H
#define CH_FORM_FORM_H

#include "core/json/json.h"
#include "core/web/request.h"

typedef const char *ch_form_rule(const char *text);

struct ch_form_field {
    const char *name, *block, *label;
    const char *kind; /* text, idcard, mobile, email, uscc, region, bank_branch, account, postcode, choice, bool, years, type, items */
    int max; /* code points; of years: the most years; of items: their number */
    ch_form_rule *rule;
    const char *groups; /* what a change makes stale, as letters: P printed form, H phone authentication, A bank account's proof, C
                             * price, S picture of the seal, L papers that show the legal person */
};

/* A field as a project shows it. */
struct ch_form_shown {
    const struct ch_form_field *field;
    bool required;
    const char *hint;
    const struct ch_json *cert_types; /* shown for these types only, an array of texts; NULL: for all */
    int levels;                       /* of a region */
    const struct ch_json *options; /* of a choice: an array of texts, which are values of form.tbl or the project's own; NULL:
                                       * all values of form.tbl */
};

/* The form of one project; valid as long as the arena into which it was read. */
struct ch_form_spec {
    struct ch_form_shown *shown; /* in the order of form.tbl */
    size_t n;
    const struct ch_json *types;      /* [{code,name,person,medium,most,years:[…]}] */
    const struct ch_json *project;    /* {slug,name,form_title,account_asked} */
    const struct ch_json *businesses; /* {code: name} */
    bool extends; /* of a kind of business that extends certificates: several of them are the form's items */
    int64_t revision;
};

/* Reads {"revision","extends","fields":[{field,required,hint,cert_types,levels,options}],"types":[…],"project":{…},"businesses":{…}}
 * (hall.form_spec). */
enum ch_err ch_form_spec_read(struct ch_arena *a, struct ch_fault *f, const char *json, struct ch_form_spec *out) CH_MUST;

/* Checks a form. A complete form must satisfy every rule; otherwise only the shape and length of each value are checked, so that
 * a draft can be saved. Wrong fields are noted with ch_wrong under "/form/…". *kept is the JSON text of the fields that apply;
 * the other fields are left out. CH_E_INVALID when a field is wrong. */
enum ch_err ch_form_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form, bool complete,
                          const char **kept) CH_MUST;

/* Checks one value as ch_form_check does. `path` is its place in the form: "unit_name", "items/2/years". */
void ch_form_check_value(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s,
                         const char *path, const struct ch_json *v, bool complete);
/* A value as text, "true" or "false" for a boolean; NULL when there is none. */
const char *ch_form_value(const struct ch_json *node);

/* The digest in hex of what stands on the printed form of that order: SHA-256 of its id and of every field of the group P. */
char *ch_form_digest(struct ch_arena *a, const char *order, const struct ch_json *form);

/* Keyed hashes of the groups of fields, as the JSON object that hall.order_save compares. */
char *ch_form_marks(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

/* The keyed hash of one group, "print" or "sealpicture". It is in the QR code of a printed form, which is stale once the hash
 * changes. */
char *ch_form_mark(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form, const char *group);

/* The certificate type with that code: a member of spec->types. NULL for an unknown code and for NULL. */
const struct ch_json *ch_form_type(const struct ch_form_spec *spec, const char *code);
/* Whose certificate a form asks for: "institution", "holder" or "natural"; NULL while no type is chosen. */
const char *ch_form_person(const struct ch_form_spec *spec, const struct ch_json *form);
/* The items of a form in the order of their numbers (hall.order_item): an array of objects with the members of CH_ITEM in
 * form.tbl, or NULL. Each item is a certificate of its own; the type of a form with items is that of the first. */
const struct ch_json *ch_form_items(const struct ch_json *form);
/* Whether the items of a form have it each, so that the form itself has no such field. */
bool ch_form_is_of_item(const char *name);
/* The type of an item: a member of spec->types, or NULL. */
const struct ch_json *ch_form_item_type(const struct ch_form_spec *spec, const struct ch_json *item);

/* What people call a place in the form: its label, with the person it belongs to where fields of several people are labelled alike;
 * "第 2 张证书" for "items/1". NULL for an unknown one. */
const char *ch_form_place(struct ch_arena *a, const char *path);

/* A value of a choice for people: its label in form.tbl, or the value itself. NULL for NULL. */
const char *ch_form_option_label(const char *field, const char *value);
/* `member`: […], the field's choices as {code, name}. */
void ch_form_choices(struct ch_jw *w, const char *member, const char *field);

/* The prefix of the fields of the person who is authenticated on the phone: "holder" for natural persons, otherwise "agent". */
const char *ch_form_authenticated(const struct ch_form_spec *spec, const struct ch_json *form);

/* Writes "blocks": […] for the front end. */
void ch_form_blocks(struct ch_jw *w, const struct ch_form_spec *spec);

/* Calls `each` for every field that applies and has a value, block by block, and for every item ("items/0"). `value` is the text
 * for people. `names` is an object that maps the codes of regions and branches to their names; it may be NULL. */
struct ch_form_row {
    const char *block_title, *name, *label, *value;
    bool first_of_block;
    bool printed; /* of the group P: it stands on the printed form */
};
typedef void ch_form_each(void *ctx, const struct ch_form_row *row);
void ch_form_walk(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *form,
                  const struct ch_json *names, ch_form_each *each, void *ctx);

#endif
