/* SPDX-License-Identifier: Apache-2.0
 * Tencent Cloud API 3.0, signature method TC3-HMAC-SHA256 (cloud.tencent.com, "Signature v3").
 *
 * Pure functions, used by the client and by the sandbox. */
#ifndef CH_GATEWAY_TENCENT_TC3_H
#define CH_GATEWAY_TENCENT_TC3_H

#include "core/base/arena.h"

#define CH_TC3_MAX_HEADERS 8
#define CH_TC3_WINDOW 300 /* seconds by which a time stamp may differ from ours */

struct ch_tc3_header {
    const char *name;  /* lower case */
    const char *value; /* as sent; lower-cased and trimmed in the canonical form */
};

/* A POST to "/" without a query; there are no other requests. */
struct ch_tc3 {
    const char *secret_id, *secret_key;
    const char *service;                              /* "sms" */
    int64_t timestamp;                                /* seconds since 1970 */
    struct ch_tc3_header headers[CH_TC3_MAX_HEADERS]; /* the signed ones, sorted by name, ended by a NULL name */
    struct ch_bytes payload;
};

char *ch_tc3_canonical_request(struct ch_arena *a, const struct ch_tc3 *t);
char *ch_tc3_string_to_sign(struct ch_arena *a, const struct ch_tc3 *t);
/* Lower-case hex. */
char *ch_tc3_signature(struct ch_arena *a, const struct ch_tc3 *t);
/* Value of the Authorization header. */
char *ch_tc3_authorization(struct ch_arena *a, const struct ch_tc3 *t);

/* The parts of an Authorization header. */
struct ch_tc3_credential {
    const char *secret_id, *date, *service, *signed_headers, *signature;
};
bool ch_tc3_read_authorization(struct ch_arena *a, const char *value, struct ch_tc3_credential *out) CH_MUST;

#endif
