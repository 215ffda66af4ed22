/* SPDX-License-Identifier: Apache-2.0
 * The signature of a call to Nuonuo's open platform, and the tax that an amount includes (open.nuonuo.com, documents "API
 * call", requestBillingNew). Client and sandbox both use it. */
#ifndef CH_GATEWAY_NUONUO_SIGN_H
#define CH_GATEWAY_NUONUO_SIGN_H

#include "core/base/arena.h"

struct ch_nuonuo_signed {
    const char *appkey;
    const char *senid;     /* 32 characters, different for each call */
    const char *nonce;     /* 8 digits */
    const char *timestamp; /* seconds since 1970 */
    struct ch_bytes body;  /* the very bytes that are sent */
};

/* Header X-Nuonuo-Sign: base64 of HMAC-SHA1 under the secret. */
char *ch_nuonuo_sign(struct ch_arena *a, const char *secret, const struct ch_nuonuo_signed *s);

/* A rate of tax in ten-thousandths: "0.06" -> 600. False unless it is a fraction below 1 of at most four places. */
bool ch_nuonuo_tax_rate(const char *s, int64_t *rate) CH_MUST;
/* The tax that is included in an amount, in fen, rounded half up. Amounts are at most CH_INVOICE_MAX. The tax of a negative
 * amount (red letter) is the negative of the tax of its absolute value. */
#define CH_INVOICE_MAX INT64_C(1000000000000000)
int64_t ch_nuonuo_tax_within(int64_t fen, int64_t rate);

/* Amounts as printed on invoices: "300.00", and "-300.00" on red letters. Reading is false for anything else. */
char *ch_nuonuo_yuan(struct ch_arena *a, int64_t fen);
bool ch_nuonuo_read_yuan(const char *s, int64_t *fen) CH_MUST;

#endif
