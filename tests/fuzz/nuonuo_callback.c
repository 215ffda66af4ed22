/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what comes from Nuonuo. The input is an answer when it begins with 'A', its first byte left out, and the
 * form of a callback otherwise. */
#include "core/gateway/nuonuo/call.h"
#include "core/gateway/nuonuo/nuonuo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_answer(struct ch_arena *a, struct ch_bytes body)
{
    const struct ch_json *result;
    struct ch_invoice_status status;
    struct ch_answer answer = ch_nuonuo_answer(a, 200, body, &result);

    if (answer.outcome != CH_ACCEPTED && result != NULL)
        abort();
    ch_nuonuo_read_status(result != NULL && result->kind == CH_JSON_ARRAY ? result->first : result, &status);
    if (status.state == CH_INVOICE_DONE && *status.number == '\0')
        abort(); /* done, but nothing to hand out */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_invoice_hint hint;

    if (size > 0 && data[0] == 'A')
        read_answer(a, CH_BYTES(data + 1, size - 1));
    else if (ch_nuonuo_callback(a, NULL, CH_BYTES(data, size), &hint) == CH_OK &&
             (*hint.order_no == '\0' || strlen(hint.order_no) > 64))
        abort();
    ch_arena_free(a);
    return 0;
}
