/* SPDX-License-Identifier: Apache-2.0
 * WeChat's pen in the sandbox: what it signs with, and the object it tells merchants about a payment. */
#ifndef MODULE_SANDBOX_WECHAT_SIGN_H
#define MODULE_SANDBOX_WECHAT_SIGN_H

#include "core/db/db.h"
#include "core/json/json.h"

/* How a signature is to come out. */
enum sandbox_pen { SANDBOX_PEN_TRUE, SANDBOX_PEN_WRONG, SANDBOX_PEN_PROBE };

struct sandbox_signed {
    const char *timestamp, *nonce, *serial, *signature;
};

/* Signs an answer or a notification with that body. */
struct sandbox_signed sandbox_wechat_signed(struct ch_arena *a, const char *body, enum sandbox_pen pen);

/* The transaction object of a row of wechat_order; `total` stands in for the row's. */
char *sandbox_wechat_transaction(struct ch_arena *a, const struct ch_rows *row, int64_t total);

#endif
