/* SPDX-License-Identifier: Apache-2.0
 * Makes and hashes payout codes. */
#include "core/order/payout.h"

#include "core/base/random.h"

#include <stdio.h>

char *ch_payout_code_make(struct ch_arena *a)
{
    return ch_random_text(a, "0123456789", CH_PAYOUT_CODE_LENGTH);
}

void ch_payout_code_hash(const struct ch_ring *ring, struct ch_arena *a, const char *order, const char *code,
                         unsigned char out[CH_SHA256_BYTES])
{
    size_t size = CH_UUID_TEXT + 1 + CH_PAYOUT_CODE_LENGTH + 1;
    char *text = ch_alloc_secret(a, size);

    snprintf(text, size, "%s|%s", order, code);
    ch_blind(ring, "payout_code", text, out);
}

char *ch_payout_code_remark(struct ch_arena *a, const char *code)
{
    size_t size = 96;
    char *text = ch_alloc_secret(a, size);

    snprintf(text, size, "网上营业厅金融认证随机码:%s", code);
    return text;
}
