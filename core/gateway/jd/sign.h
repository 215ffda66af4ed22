/* SPDX-License-Identifier: Apache-2.0
 * The signature of a call to JD Logistics' open platform (LOP), algorithm md5-salt. Client and sandbox both use it. */
#ifndef CH_GATEWAY_JD_SIGN_H
#define CH_GATEWAY_JD_SIGN_H

#include "core/base/arena.h"

struct ch_jd_signed {
    const char *app_key, *access_token;
    const char *path;      /* "/ecap/v1/orders/create" */
    const char *timestamp; /* "2026-01-31 10:20:30" of Beijing */
    struct ch_bytes body;  /* the very bytes that are sent */
};

/* The MD5, in lower-case hex, of the secret, the members with their names in sorted order, and the secret again. */
char *ch_jd_sign(struct ch_arena *a, const char *secret, const struct ch_jd_signed *s);

#endif
