/* SPDX-License-Identifier: Apache-2.0
 * The Alipay open platform's signature RSA2 (RSA PKCS#1 v1.5 with SHA-256): the text that is signed, and where to find it.
 * (opendocs.alipay.com, "how to sign by yourself", "how to verify answers and notifications".)
 *
 * Pure functions, used by the client and by the sandbox. */
#ifndef CH_GATEWAY_ALIPAY_SIGN_H
#define CH_GATEWAY_ALIPAY_SIGN_H

#include "core/base/arena.h"

#include <openssl/evp.h>

#define CH_ALIPAY_MAX_PARAMS 64

/* Parameters with decoded values (not URL-encoded); each name occurs once. */
struct ch_alipay_params {
    size_t n;
    struct {
        const char *name, *value;
    } at[CH_ALIPAY_MAX_PARAMS];
};

/* Adds a parameter. The values NULL and "" are left out, since an empty parameter is neither sent nor signed. Meant for our own
 * parameters: more than CH_ALIPAY_MAX_PARAMS end the process. */
void ch_alipay_add(struct ch_alipay_params *p, const char *name, const char *value);
/* The value of a parameter; NULL when it is absent or empty. */
const char *ch_alipay_get(const struct ch_alipay_params *p, const char *name);

/* Adds the parameters of a form body or query string (application/x-www-form-urlencoded, UTF-8). False when there are too many
 * parameters, a broken escape, ill-formed text, or a name that occurs already. */
bool ch_alipay_read_form(struct ch_arena *a, struct ch_bytes form, struct ch_alipay_params *p) CH_MUST;
/* Writes the parameters as a form, in the order in which they were added. */
char *ch_alipay_form(struct ch_arena *a, const struct ch_alipay_params *p);

/* A request's signature covers `sign_type`, a notification's does not. */
enum ch_alipay_signed { CH_ALIPAY_REQUEST, CH_ALIPAY_NOTIFY };
/* The signed text: name=value sorted by name and joined by '&', not URL-encoded, without `sign`. */
char *ch_alipay_text(struct ch_arena *a, const struct ch_alipay_params *p, enum ch_alipay_signed what);

/* The signature as base64; NULL when the key cannot be used. */
char *ch_alipay_sign(struct ch_arena *a, EVP_PKEY *key, struct ch_bytes text) CH_MUST;
bool ch_alipay_verify(struct ch_arena *a, EVP_PKEY *key, struct ch_bytes text, const char *signature) CH_MUST;

/* The name of the member that has the answer to a method: for "alipay.trade.query" "alipay_trade_query_response". */
char *ch_alipay_node_name(struct ch_arena *a, const char *method);
/* The exact bytes of a member of the outermost object, from '{' to its '}', which an answer's signature covers. False when
 * there is no such member or it is not an object. `body` must have been parsed as JSON before. */
bool ch_alipay_node(struct ch_bytes body, const char *name, struct ch_bytes *node) CH_MUST;

#endif
