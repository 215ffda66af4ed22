/* SPDX-License-Identifier: Apache-2.0
 * Shared by form.c (checking), form_items.c (items) and form_show.c (presentation). */
#ifndef CH_FORM_FORM_PRIVATE_H
#define CH_FORM_FORM_PRIVATE_H

#include "core/form/form.h"

/* All fields, from form.tbl. */
extern const struct ch_form_field ch__form_fields[];
extern const size_t ch__form_fields_n;

struct ch_form_option {
    const char *field, *value, *label;
};
extern const struct ch_form_option ch__form_options[];
extern const size_t ch__form_options_n;

/* Notes that a field or a member of an item is wrong. `path` is its place in the form: "unit_name", "items/2/years". */
void ch__form_wrong(struct ch_req *r, const char *path, const char *code, const char *sentence);
/* A value as text for people; NULL when there is none. */
const char *ch__form_readable(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_field *f,
                              const struct ch_json *node, const struct ch_json *names);

/* The members of an item, from form.tbl. */
extern const struct ch_form_field ch__form_members[];
extern const size_t ch__form_members_n;
/* Whether a type is among these, an array of codes. */
bool ch__form_names_type(const struct ch_json *types, const char *code);
/* How an item of the type is asked for the n-th member; false when it has none. */
bool ch__form_member(const struct ch_form_spec *spec, size_t n, const struct ch_json *type, struct ch_form_shown *out);
/* Whether items of the form's kind have the n-th member, whatever their type is. */
bool ch__form_has_member(const struct ch_form_spec *spec, size_t n);
/* Checks the field `items` as ch_form_check does. */
void ch__form_check_items(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s,
                          const struct ch_json *items, bool complete);
/* Appends the members of a group, which has that letter, as input of its keyed hash. */
void ch__form_items_mark(struct ch_buf *b, const struct ch_json *items, char letter);
/* The title of the block that has the items, of which `title` is that of new certificates. */
const char *ch__form_items_title(const struct ch_form_spec *spec, const char *title);
/* Calls `each` for every item; false when there is none. */
bool ch__form_items_walk(struct ch_arena *a, const struct ch_form_spec *spec, const char *block_title,
                         const struct ch_json *items, ch_form_each *each, void *ctx);

/* Whether a form with these values has the field: its type and the fields that it depends on ask for it. */
bool ch__form_applies(const struct ch_form_shown *s, const struct ch_json *form);
/* The value that the field *other must have for the field `name` to apply; NULL when it always applies. */
const char *ch__form_condition(const char *name, const char **other);

#endif
