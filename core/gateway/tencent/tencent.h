/* SPDX-License-Identifier: Apache-2.0
 * One call to Tencent Cloud API 3.0. The services have headers of their own: sms.h, faceid.h, ocr.h.
 *
 * Answers are not signed; only TLS protects them. */
#ifndef CH_GATEWAY_TENCENT_H
#define CH_GATEWAY_TENCENT_H

#include "core/gateway/vendor.h"
#include "core/json/json.h"

struct ch_tencent_service {
    enum ch_vendor vendor;
    const char *name; /* of the credential scope */
    const char *version;
};

/* Sends `body` (JSON) to `action`. On CH_ACCEPTED *response is the object "Response". CH_UNKNOWN: no answer came, or the vendor
 * asks to call again (InternalError, RequestLimitExceeded), or our account is not in order (AuthFailure, ResourceUnavailable
 * …). CH_REFUSED: any other Error; its Code is the answer's code. */
enum ch_err ch_tencent_call(struct ch_arena *a, struct ch_fault *f, const struct ch_tencent_service *service,
                            enum ch_repeat repeat, const char *action, const char *body, struct ch_answer *answer,
                            const struct ch_json **response) CH_MUST;

/* Reading of received bytes, which the function above uses. */
struct ch_answer ch_tencent_answer(struct ch_arena *a, struct ch_bytes body, const struct ch_json **response);

#endif
