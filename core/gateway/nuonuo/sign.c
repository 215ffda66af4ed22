/* SPDX-License-Identifier: Apache-2.0
 * The signature of a call to Nuonuo, and the amounts on invoices. */
#include "core/gateway/nuonuo/sign.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/gateway/amount.h"

#include <string.h>

char *ch_nuonuo_sign(struct ch_arena *a, const char *secret, const struct ch_nuonuo_signed *s)
{
    unsigned char mac[CH_SHA1_BYTES];
    struct ch_buf b;

    ch_buf_init(&b, a);
    /* The path /open/v1/services, last part first, as the vendor's gateway takes it apart. */
    ch_buf_printf(&b, "a=services&l=v1&p=open&k=%s&i=%s&n=%s&t=%s&f=", s->appkey, s->senid, s->nonce, s->timestamp);
    ch_buf_add(&b, s->body.p, s->body.n);
    ch_legacy_hmac_sha1(CH_BYTES(secret, strlen(secret)), ch_buf_bytes(&b), mac);
    return ch_base64(a, CH_BYTES(mac, sizeof mac));
}

bool ch_nuonuo_tax_rate(const char *s, int64_t *rate)
{
    size_t n = strlen(s);

    if (strcmp(s, "0") == 0)
        n = 2; /* no tax at all */
    else if (n < 3 || n > 6 || strncmp(s, "0.", 2) != 0 || strspn(s + 2, "0123456789") != n - 2)
        return false;
    *rate = 0;
    for (size_t i = 2; i < 6; i++)
        *rate = *rate * 10 + (i < n ? s[i] - '0' : 0);
    return true;
}

int64_t ch_nuonuo_tax_within(int64_t fen, int64_t rate)
{
    int64_t whole = 10000 + rate, v = fen < 0 ? -fen : fen;
    int64_t tax = v / whole * rate + (v % whole * rate * 2 + whole) / (whole * 2);

    return fen < 0 ? -tax : tax;
}

char *ch_nuonuo_yuan(struct ch_arena *a, int64_t fen)
{
    return ch_printf(a, "%s%s", fen < 0 ? "-" : "", ch_amount_yuan(a, fen < 0 ? -fen : fen));
}

bool ch_nuonuo_read_yuan(const char *s, int64_t *fen)
{
    int64_t v = ch_amount_read(*s == '-' ? s + 1 : s);

    *fen = *s == '-' ? -v : v;
    return v >= 0;
}
