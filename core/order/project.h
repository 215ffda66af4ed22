/* SPDX-License-Identifier: Apache-2.0
 * What the project of a request asks for, kept in the process for a moment. */
#ifndef CH_ORDER_PROJECT_H
#define CH_ORDER_PROJECT_H

#include "core/form/form.h"

/* The form specification of r->slug; at most CH_SPEC_SECONDS old, so that a changed project is seen at once without a round
 * trip for every draft that is saved. It is read and parsed once for all requests of that time, and valid until this request
 * ends. CH_E_NOT_FOUND for an unknown slug. */
#define CH_SPEC_SECONDS 2
enum ch_err ch_project_spec(struct ch_req *r, struct ch_form_spec *out) CH_MUST;

#endif
