/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what the couriers answer. The input is JD's when it begins with 'J', its first byte left out, and SF's
 * otherwise. */
#include "core/gateway/jd/jd.h"
#include "core/gateway/sf/sf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void in_order(const struct ch_routes *r)
{
    if (r->n > CH_MAX_ROUTE_STEPS)
        abort();
    for (size_t i = 1; i < r->n; i++)
        if (r->steps[i].time < r->steps[i - 1].time)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    const struct ch_json *tree;
    struct ch_routes routes;
    struct ch_waybill waybill;

    if (size > 0 && data[0] == 'J') {
        ch_jd_answer(a, 200, CH_BYTES(data + 1, size - 1), &tree);
        ch_jd_read_routes(a, tree, &routes);
    } else {
        struct ch_answer answer = ch_sf_answer(a, 200, CH_BYTES(data, size), &tree);
        ch_sf_read_waybill(tree, &answer, &waybill);
        ch_sf_read_routes(a, tree, &routes);
    }
    in_order(&routes);
    ch_arena_free(a);
    return 0;
}
