/* SPDX-License-Identifier: Apache-2.0
 * Which addresses the hall calls: https, and outside production also http to a loopback address. */
#ifndef CH_HTTP_URL_H
#define CH_HTTP_URL_H

#include "core/base/arena.h"

/* Whether a URL may be called; *plain: it is http. */
bool ch_url_allowed(struct ch_arena *a, const char *url, bool production, bool *plain) CH_MUST;

/* What is wrong with a URL that an outsider has named and that is about to be stored: a sentence, or NULL. Besides what
 * ch_url_allowed asks for, it must not carry a user name or a password, and its host must resolve to public Internet addresses
 * alone (core/http/address.h), or outside production to a loopback address. The name is looked up now; since it may mean another
 * address tomorrow, whoever calls it checks the address once more (`public_only`, core/http/client.h). */
const char *ch_url_wrong(struct ch_arena *a, const char *url, bool production) CH_MUST;

#endif
