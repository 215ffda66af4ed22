/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/pin.h"

#include "core/base/random.h"

#include <string.h>

char *ch_pin_make(struct ch_arena *a)
{
    return ch_random_text(a, CH_PIN_ALPHABET, CH_PIN_LENGTH);
}

static struct ch_bytes pin_aad(struct ch_arena *a, const char *order_id, int64_t generation)
{
    char *text = ch_printf(a, "pin|%s|%lld", order_id, (long long)generation);
    return CH_BYTES(text, strlen(text));
}

struct ch_bytes ch_pin_seal(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const char *order_id,
                            int64_t generation, const char *pin)
{
    unsigned char nonce[CH_GCM_NONCE];

    ch_random(nonce, sizeof nonce);
    struct ch_bytes sealed =
        ch_gcm_seal(a, key, nonce, pin_aad(a, order_id, generation), CH_BYTES(pin, strlen(pin)));
    unsigned char *out = ch_alloc(a, sizeof nonce + sealed.n);
    memcpy(out, nonce, sizeof nonce);
    memcpy(out + sizeof nonce, sealed.p, sealed.n);
    return CH_BYTES(out, sizeof nonce + sealed.n);
}

const char *ch_pin_open(struct ch_arena *a, const unsigned char key[CH_AES_KEY], const char *order_id,
                        int64_t generation, struct ch_bytes sealed)
{
    struct ch_bytes plain;

    if (sealed.n != CH_GCM_NONCE + CH_PIN_LENGTH + CH_GCM_TAG ||
        !ch_gcm_open(a, key, sealed.p, pin_aad(a, order_id, generation),
                     CH_BYTES(sealed.p + CH_GCM_NONCE, sealed.n - CH_GCM_NONCE), &plain))
        return NULL;
    const char *pin = (const char *)plain.p; /* ch_gcm_open leaves a NUL behind what it opens */
    return strspn(pin, CH_PIN_ALPHABET) == CH_PIN_LENGTH ? pin : NULL;
}
