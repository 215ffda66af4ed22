/* SPDX-License-Identifier: Apache-2.0
 * Bodies of type application/x-www-form-urlencoded, which vendors send and accept. */
#ifndef CH_GATEWAY_FORMDATA_H
#define CH_GATEWAY_FORMDATA_H

#include "core/base/buf.h"

/* The first field of that name, decoded ('+' is a space); NULL when there is none or its encoding is broken. */
const char *ch_formdata_field(struct ch_arena *a, struct ch_bytes body, const char *name);
/* Appends "name=value", the value percent-encoded, after an '&' unless it is the first. */
void ch_formdata_put(struct ch_buf *b, const char *name, const char *value);

#endif
