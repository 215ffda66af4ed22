/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what a producer hands in as a token's certification request. What is taken is a request whose key is of
 * the algorithm asked for; what is not is refused in words that name the field. */
#include "core/pki/csr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct ch_arena *a, const uint8_t *data, size_t size, const char *algorithm)
{
    struct ch_fault f = {0};
    struct ch_csr csr;
    enum ch_err e = ch_csr_read(a, CH_BYTES(data, size), algorithm, &csr, &f);

    if (e == CH_OK) {
        if (size == 0 || size > CH_CSR_MAX || csr.der.n == 0 || csr.der.n > size ||
            strcmp(csr.algorithm, algorithm) != 0 || !ch_alg_signed_verify(csr.der, csr.key))
            abort();
    } else if (e != CH_E_INVALID || strcmp(f.pointer, "/csr") != 0 || f.sentence[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const algorithms[] = {"sm2", "rsa", "p256"};
    struct ch_arena *a = ch_arena_new();

    for (size_t i = 0; i < CH_COUNT(algorithms); i++)
        judge(a, data, size, algorithms[i]);
    ch_arena_free(a);
    return 0;
}
