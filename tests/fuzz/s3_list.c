/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what an object store lists. */
#include "core/gateway/s3/s3.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_s3_page page;

    if (ch_s3_list_read(a, CH_BYTES(data, size), "hall/", &page) && page.next != NULL && *page.next == '\0')
        abort(); /* there is more, but nobody can ask for it */
    for (size_t i = 0; i < page.n; i++)
        if (*page.objects[i].key == '\0' || page.objects[i].modified < 0)
            abort();
    ch_arena_free(a);
    return 0;
}
