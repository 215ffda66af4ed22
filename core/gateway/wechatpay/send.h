/* SPDX-License-Identifier: Apache-2.0
 * One request to WeChat Pay, signed with the merchant's key. Only the adapter includes this. */
#ifndef CH_GATEWAY_WECHATPAY_SEND_H
#define CH_GATEWAY_WECHATPAY_SEND_H

#include "core/http/client.h"

#include <openssl/evp.h>

struct ch__wechatpay_request {
    const char *method;
    const char *target; /* path and query */
    const char *body;   /* "" for none */
    const char *serial; /* of the key that WeChat is asked to sign its answer with; "" lets WeChat choose */
    bool once;          /* the request moves money and must not be repeated by the HTTP client */
};

/* CH_OK: there is an answer, which is not verified yet. CH_E_VENDOR: no answer came. CH_E_INTERNAL: nothing was sent. */
enum ch_err ch__wechatpay_send(struct ch_arena *a, struct ch_fault *f, const struct ch__wechatpay_request *request,
                               struct ch_http_response *res) CH_MUST;

/* The serial of the key that signed the answer (header Wechatpay-Serial), or "". */
const char *ch__wechatpay_serial_of(struct ch_arena *a, const struct ch_http_response *res);
/* True when the answer was signed with that key, over exactly the bytes received, at most five minutes ago. */
bool ch__wechatpay_genuine(struct ch_arena *a, EVP_PKEY *key, const struct ch_http_response *res) CH_MUST;

#endif
