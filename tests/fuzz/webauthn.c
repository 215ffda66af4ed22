/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what a browser says when a passkey was made. Two bytes tell the length of the client data; the rest is authenticator
 * data. */
#include "core/passkey/webauthn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ch_webauthn_site site = {"http://desk.localhost:8161", "desk.localhost"};
    unsigned char challenge[32];

    if (size < 2)
        return 0;
    size_t n = (size_t)data[0] << 8 | data[1];
    if (n > size - 2)
        n = size - 2;
    for (unsigned i = 0; i < sizeof challenge; i++)
        challenge[i] = (unsigned char)i;
    struct ch_bytes client = CH_BYTES(data + 2, n), made = CH_BYTES(data + 2 + n, size - 2 - n);
    struct ch_arena *a = ch_arena_new();
    struct ch_passkey key = {0};
    if (ch_webauthn_registered(a, NULL, &site, CH_BYTES(challenge, sizeof challenge), client, made, &key) == CH_OK) {
        if (key.credential.n == 0 || key.credential.n > CH_PASSKEY_CREDENTIAL_MAX || key.public_key[0] != 4 ||
            key.credential.p < made.p || key.credential.p + key.credential.n > made.p + made.n)
            abort(); /* taken, and yet not a passkey within the data */
    }
    struct ch_assertion used = {key.credential, client, made, made};
    unsigned char point[CH_PASSKEY_POINT] = {4};
    if (ch_webauthn_asserted(a, NULL, &site, CH_BYTES(challenge, sizeof challenge), &used, point, NULL) == CH_OK)
        abort(); /* by a key that is none */
    ch_arena_free(a);
    return 0;
}
