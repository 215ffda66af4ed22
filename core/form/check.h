/* SPDX-License-Identifier: Apache-2.0
 * What a machine can tell a reviewer beforehand: names that must be equal, numbers that check, papers that are there. */
#ifndef CH_FORM_CHECK_H
#define CH_FORM_CHECK_H

#include "core/form/form.h"

/* "checks": [{code, text, ok}] */
void ch_checks_json(struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_json *order, const struct ch_json *form);

#endif
