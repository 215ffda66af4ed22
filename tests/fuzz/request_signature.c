/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the headers of a signed request; the first line is Signature-Input, the second Signature. What is
 * read is whole, and its base says again what was read. */
#include "core/gateway/signature.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *component(void *ctx, const char *name)
{
    (void)ctx;
    return name;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    char *input = ch_strndup(a, data, size), *line = strchr(input, '\n');
    struct ch_signature s;

    if (line != NULL)
        *line++ = '\0';
    if (ch_signature_read(a, input, line != NULL ? line : "", &s)) {
        const char *base = ch_signature_base(a, &s, component, NULL);
        if (s.mac.n != CH_SHA256_BYTES || s.n > CH_SIGNATURE_COMPONENTS || base == NULL ||
            strstr(base, s.params) == NULL || strchr(base, '\r') != NULL)
            abort();
        for (size_t i = 0; i < s.n; i++)
            if (strpbrk(s.components[i], "\n\" ;") != NULL)
                abort();
    }
    ch_arena_free(a);
    return 0;
}
