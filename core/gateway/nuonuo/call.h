/* SPDX-License-Identifier: Apache-2.0
 * One call to Nuonuo's open platform: token, signature, answer. The calls that the hall makes are in nuonuo.h. */
#ifndef CH_GATEWAY_NUONUO_CALL_H
#define CH_GATEWAY_NUONUO_CALL_H

#include "core/gateway/vendor.h"
#include "core/json/json.h"

struct ch_nuonuo_call {
    const char *method;           /* "nuonuo.OpeMplatform.queryInvoiceResult" */
    const char *body;             /* JSON */
    bool once;                    /* the call must not be repeated, since it would take effect twice */
    const struct ch_json *result; /* output: the answer's result on CH_ACCEPTED; NULL when there is none */
};

/* Performs the call through ch_vendor_call. When Nuonuo rejects the token, a fresh one is fetched and the call is sent once
 * more, since nothing had been done. CH_REFUSED: the service itself refuses. Errors of appkey, token or limits (codes 07…) are
 * CH_UNKNOWN, since the same call will succeed once they are corrected. */
enum ch_err ch_nuonuo_call(struct ch_arena *a, struct ch_fault *f, struct ch_nuonuo_call *call,
                           struct ch_answer *answer) CH_MUST;

/* Reading of received bytes, which the function above uses. */
struct ch_answer ch_nuonuo_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **result);

/* The text of a member that is a string in some answers and a number in others; "" when it is neither. */
const char *ch_nuonuo_text(const struct ch_json *obj, const char *key);

#endif
