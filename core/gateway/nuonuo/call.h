/* SPDX-License-Identifier: Apache-2.0
 * One call to Nuonuo's open platform: token, signature, answer. What the hall asks for is in nuonuo.h. */
#ifndef CH_GATEWAY_NUONUO_CALL_H
#define CH_GATEWAY_NUONUO_CALL_H

#include "core/gateway/vendor.h"
#include "core/json/json.h"

struct ch_nuonuo_call {
    const char *method; /* "nuonuo.OpeMplatform.queryInvoiceResult" */
    const char *body;   /* JSON */
    bool once;          /* would be done twice */
    const struct ch_json *result; /* of the answer, once it is CH_ACCEPTED; NULL when there is none */
};

/* Sends it through ch_vendor_call. When Nuonuo does not know the token, it is fetched anew and the call sent once more:
 * nothing had been done then. CH_REFUSED: a refusal of the business itself; what is wrong with appkey, token or limits
 * (codes 07…) is CH_UNKNOWN, since the same call is right once that is mended. */
enum ch_err ch_nuonuo_call(struct ch_arena *a, struct ch_fault *f, struct ch_nuonuo_call *call,
                      struct ch_answer *answer) CH_MUST;

/* Reads an answer out of its bytes: what the above does after receiving. */
struct ch_answer ch_nuonuo_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **result);

/* The text of a member that some answers give as a string and some as a number; "" when it is neither. */
const char *ch_nuonuo_text(const struct ch_json *obj, const char *key);

#endif
