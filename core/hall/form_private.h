/* SPDX-License-Identifier: Apache-2.0
 * What form.c (check) and form_show.c (presentation) share. */
#ifndef CH_HALL_FORM_PRIVATE_H
#define CH_HALL_FORM_PRIVATE_H

#include "core/hall/form.h"

struct ch_form_option {
    const char *field, *value, *label;
};
extern const struct ch_form_option ch__form_options[];
extern const size_t ch__form_options_n;

bool ch__form_applies(const struct ch_form_shown *s, const struct ch_json *form);
const char *ch__form_value(const struct ch_json *node);
/* The value that `other` must have for the field to be asked; NULL when it is always asked. */
const char *ch__form_condition(const char *name, const char **other);

#endif
