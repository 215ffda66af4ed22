/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: an export of the signed log. The corpus is signed with the key that belongs to this public one (private: 7); an export that
 * is good has a signed head, and no more subjects or leaves without a row than leaves. */
#include "core/order/log_check.h"

#include "core/crypto/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                          "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE3fCSVVQJwZ39voanXBOZBqgBmDN3\n"
                          "RO54zSfjhNn8rxWEfRj/s46HBlzWtunBLSkiA3k3cH1qSaIiO5SWV+UrwQ==\n"
                          "-----END PUBLIC KEY-----\n";

static enum ch_log_result check(struct ch_log_check *c, const uint8_t *data, size_t size)
{
    enum ch_log_result result = CH_LOG_GOOD;

    while (result == CH_LOG_GOOD && size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end != NULL ? (size_t)(end - data) : size;
        result = ch_log_check_line(c, CH_BYTES(data, n));
        n += end != NULL;
        data += n;
        size -= n;
    }
    return result == CH_LOG_GOOD ? ch_log_check_end(c) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static EVP_PKEY *key;

    if (key == NULL)
        key = ch_key_public_pem(CH_BYTES(pem, sizeof pem - 1));
    struct ch_log_check *c = ch_log_check_new(key, NULL);
    const struct ch_log_seen *seen = ch_log_check_seen(c);
    enum ch_log_result result = check(c, data, size);

    if (key == NULL || seen->subjects + seen->bare > seen->leaves ||
        (result == CH_LOG_GOOD && (seen->leaves < 1 || seen->heads < 1)))
        abort();
    ch_log_check_free(c);
    return 0;
}
