/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: arguments of a query string. What comes out is well-formed text, and encodes to what decodes to it. */
#include "core/base/codec.h"
#include "core/web/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "page", "projectId", "", "q"};
    struct ch_arena *a = ch_arena_new();
    const char *params[] = {ch_printf(a, "QUERY_STRING=%s", ch_strndup(a, data, size)), NULL};
    struct ch_req r = {.a = a, .params = params};

    for (size_t i = 0; i < CH_COUNT(names); i++) {
        const char *v = ch_query(&r, names[i]);
        if (v == NULL)
            continue;
        const char *encoded = ch_percent(a, v);
        if (!ch_utf8(v, strlen(v), NULL) || strcmp(ch_unpercent(a, encoded, strlen(encoded), false), v) != 0)
            abort();
    }
    int64_t page = ch_query_int(&r, "page", 1, 1, 1000);
    if (page < 1 || page > 1000)
        abort();
    ch_arena_free(a);
    return 0;
}
