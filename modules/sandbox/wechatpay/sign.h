/* SPDX-License-Identifier: Apache-2.0
 * How WeChat signs in the sandbox, and the objects that it sends to merchants about a payment and a refund. */
#ifndef MODULE_SANDBOX_WECHATPAY_SIGN_H
#define MODULE_SANDBOX_WECHATPAY_SIGN_H

#include "core/db/db.h"
#include "core/json/json.h"

/* The signature to be made: a right one, a wrong one, or WeChat's probe. */
enum sandbox_pen { SANDBOX_PEN_TRUE, SANDBOX_PEN_WRONG, SANDBOX_PEN_PROBE };

/* WeChat's two keys: the one with an id, and the one with a certificate. */
enum sandbox_pen_key { SANDBOX_PUBLIC_KEY, SANDBOX_CERTIFICATE };

/* The value of the header Wechatpay-Serial for that key. */
const char *sandbox_wechatpay_serial(struct ch_arena *a, enum sandbox_pen_key which);

struct sandbox_signed {
    const char *timestamp, *nonce, *serial, *signature;
};

/* Signs an answer or a notification with that body. */
struct sandbox_signed sandbox_wechatpay_signed(struct ch_arena *a, const char *body, enum sandbox_pen_key which,
                                               enum sandbox_pen pen);

/* The transaction object of a row of wechatpay_order; `state` and `total` replace the row's. */
char *sandbox_wechatpay_transaction(struct ch_arena *a, const struct ch_rows *row, const char *state, int64_t total);
/* The refund object of a row of wechatpay_refund, in the form of an answer or of a notification. */
char *sandbox_wechatpay_refund_object(struct ch_arena *a, const struct ch_rows *row, bool notification);

#endif
