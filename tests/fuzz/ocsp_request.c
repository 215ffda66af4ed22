/* SPDX-License-Identifier: Apache-2.0
 * OCSP requests, as anybody may send them. */
#include "core/pki/ocsp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const uint8_t *data, size_t size, struct ch_bytes part)
{
    return part.n == 0 || (part.p >= data && part.p + part.n <= data + size);
}

/* A request that is one is none without its last byte; what it names is whole, and of no CA that it was not made for.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ch_ocsp_issuer nobody;
    struct ch_arena *a = ch_arena_new();
    struct ch_ocsp_id id = {0}, part;
    enum ch_ocsp_result result = ch_ocsp_request(a, CH_BYTES(data, size), &id);

    if (result == CH_OCSP_SUCCESSFUL) {
        size_t digits = strlen(id.serial);
        if (id.hash >= CH_OCSP__HASHES || digits < 16 || digits > 40 || strspn(id.serial, "0123456789ABCDEF") != digits ||
            !inside(data, size, id.name_hash) || !inside(data, size, id.key_hash))
            abort();
        if (ch_ocsp_request(a, CH_BYTES(data, size - 1), &part) != CH_OCSP_MALFORMED)
            abort();
        bool zero = id.name_hash.n >= 20 && id.name_hash.p[0] == 0; /* of a certificate that only a fuzzer finds */
        if (ch_ocsp_is_of(&id, &nobody) && !zero)
            abort();
    } else if (result != CH_OCSP_MALFORMED && result != CH_OCSP_UNAUTHORIZED) {
        abort();
    }
    ch_arena_free(a);
    return 0;
}
