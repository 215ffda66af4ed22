/* SPDX-License-Identifier: Apache-2.0
 * An answer of Alipay's gateway, and the values that answers and notifications share. Only the adapter and its tests include
 * this. */
#ifndef CH_GATEWAY_ALIPAY_ANSWER_H
#define CH_GATEWAY_ALIPAY_ANSWER_H

#include "core/gateway/alipay/alipay.h"
#include "core/json/json.h"

/* Verifies and judges the answer to `method`. *node is the signed object; NULL unless the signature is right. */
struct ch_answer ch_alipay_answer(struct ch_arena *a, EVP_PKEY *key, const char *method, struct ch_bytes body,
                                  const struct ch_json **node);

/* The members that name the currency of an amount. Trades in yuan need not have them; any other value is a foreign trade, which
 * is none of ours. */
#define CH_ALIPAY_CURRENCIES 3
extern const char *const ch_alipay_currencies[CH_ALIPAY_CURRENCIES];

enum ch_alipay_state ch_alipay_state_of(const char *word);
/* "2026-11-21 10:00:00" of Beijing as seconds since 1970; 0 for NULL or anything else. The times of refunds have milliseconds
 * after a point. */
int64_t ch_alipay_time(const char *text);

#endif
