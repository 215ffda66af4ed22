/* SPDX-License-Identifier: Apache-2.0
 * What form.c (check) and form_show.c (presentation) share. */
#ifndef CH_FORM_FORM_PRIVATE_H
#define CH_FORM_FORM_PRIVATE_H

#include "core/form/form.h"

struct ch_form_option {
    const char *field, *value, *label;
};
extern const struct ch_form_option ch__form_options[];
extern const size_t ch__form_options_n;

/* What is wrong with a field or a member of an item. `path` is where it stands: "unit_name", "items/2/years". */
void ch__form_wrong(struct ch_req *r, const char *path, const char *code, const char *sentence);
/* A value as a person reads it; NULL when there is none. */
const char *ch__form_readable(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_field *f,
                              const struct ch_json *node, const struct ch_json *names);

/* form_items.c */
extern const struct ch_form_field ch__form_members[]; /* of an item */
extern const size_t ch__form_members_n;
void ch__form_check_items(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s,
                          const struct ch_json *items, bool complete);
void ch__form_items_mark(struct ch_buf *b, const struct ch_json *items, char letter);
bool ch__form_items_walk(struct ch_arena *a, const struct ch_form_spec *spec, const char *block_title,
                         const struct ch_json *items, ch_form_each *each, void *ctx);

bool ch__form_applies(const struct ch_form_shown *s, const struct ch_json *form);
/* The value that `other` must have for the field to be asked; NULL when it is always asked. */
const char *ch__form_condition(const char *name, const char **other);

#endif
