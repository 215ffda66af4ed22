/* SPDX-License-Identifier: Apache-2.0
 * Rows of the audit trail: their digests. */
#include "core/order/trail.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"

#include <string.h>

bool ch_trail_digest(struct ch_arena *a, const char *hex, struct ch_bytes *out)
{
    return hex != NULL && ch_unhex(a, hex, out) && out->n == CH_SM3_BYTES;
}

bool ch_trail_fits(struct ch_arena *a, const char *text, const char *subject, int64_t seq, struct ch_bytes before,
                   struct ch_bytes head)
{
    unsigned char is[CH_SM3_BYTES];
    const char *place = strchr(text, '|'), *wanted = ch_printf(a, "|%s|%lld|", subject, (long long)seq);
    struct ch_buf b;

    if (place == NULL || strncmp(place, wanted, strlen(wanted)) != 0)
        return false;
    ch_buf_init(&b, a);
    ch_buf_add(&b, before.p, before.n);
    ch_buf_puts(&b, text);
    ch_sm3(ch_buf_bytes(&b), is);
    return ch_same(head, CH_BYTES(is, sizeof is));
}
