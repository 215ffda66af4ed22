/* SPDX-License-Identifier: Apache-2.0
 * The checks that the hall makes for a reviewer: names that must be equal, check digits, complete papers. */
#ifndef CH_FORM_CHECK_H
#define CH_FORM_CHECK_H

#include "core/form/form.h"

/* Writes "checks": [{code, text, ok}]. */
void ch_form_checks_json(struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_json *order,
                         const struct ch_json *form);

#endif
