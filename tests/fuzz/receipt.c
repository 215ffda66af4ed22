/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the receipt of an order, which everybody may upload. One that is good has rows, each in the log that it names. */
#include "core/order/receipt.h"

#include "core/crypto/digest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_receipt r;

    if (ch_receipt_read(a, CH_BYTES(data, size), &r) == CH_RECEIPT_GOOD &&
        (r.rows == 0 || r.told > r.rows || r.size < (int64_t)r.rows || r.root.n != CH_SM3_BYTES || r.order == NULL))
        abort();
    ch_arena_free(a);
    return 0;
}
