/* SPDX-License-Identifier: Apache-2.0
 * The form specification of a request's project for a kind of business, cached in the process for a moment. */
#ifndef CH_ORDER_PROJECT_H
#define CH_ORDER_PROJECT_H

#include "core/form/form.h"

/* The form specification of r->slug for that kind of business (NULL: the project's first), at most CH_SPEC_SECONDS old: a change of
 * the project takes effect almost at once, but saving a draft costs no round trip for it. Requests share one parsed copy, which
 * stays valid until this request ends. CH_E_NOT_FOUND for an unknown slug. */
#define CH_SPEC_SECONDS 2
enum ch_err ch_project_spec(struct ch_req *r, const char *business, struct ch_form_spec *out) CH_MUST;

#endif
