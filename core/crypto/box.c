/* SPDX-License-Identifier: Apache-2.0
 * ECDH with an ephemeral key, and AES-256-GCM under the key derived from it. */
#include "core/crypto/box.h"

#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/sign.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

#define CURVE "P-256"
#define SECRET 32

static bool derive_secret(EVP_PKEY *own, EVP_PKEY *peer, unsigned char secret[SECRET])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t n = SECRET;
    bool ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
              EVP_PKEY_derive(ctx, secret, &n) == 1 && n == SECRET;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool public_bytes(EVP_PKEY *key, unsigned char out[CH_BOX_KEY])
{
    size_t n = 0;
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, CH_BOX_KEY, &n) == 1 && n == CH_BOX_KEY;
}

/* The text that binds key and cipher text to the purpose and to both parties. */
static char *binding(struct ch_arena *a, const char *purpose, const unsigned char sender[CH_BOX_KEY],
                     const unsigned char reader[CH_BOX_KEY])
{
    return ch_printf(a, "%s|%s|%s", purpose, ch_sha256_hex(a, CH_BYTES(sender, CH_BOX_KEY)),
                     ch_sha256_hex(a, CH_BYTES(reader, CH_BOX_KEY)));
}

static unsigned char *derive_key(struct ch_arena *a, const unsigned char secret[SECRET], const char *bound)
{
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY);

    ch_hkdf(CH_BYTES(secret, SECRET), bound, key, CH_AES_KEY);
    return key;
}

bool ch_box_encrypt(struct ch_arena *a, struct ch_bytes reader, const char *purpose, struct ch_bytes plain,
                    struct ch_bytes *box)
{
    EVP_PKEY *peer = ch_key_p256(reader), *own = peer != NULL ? EVP_EC_gen(CURVE) : NULL;
    unsigned char *secret = ch_alloc_secret(a, SECRET), *out = ch_alloc(a, CH_BOX_KEY + plain.n + CH_GCM_EXTRA);
    bool ok = own != NULL && public_bytes(own, out) && derive_secret(own, peer, secret);

    if (ok) {
        const char *bound = binding(a, purpose, out, reader.p);
        struct ch_bytes packed = ch_gcm_pack(a, derive_key(a, secret, bound), CH_BYTES(bound, strlen(bound)), plain);
        memcpy(out + CH_BOX_KEY, packed.p, packed.n);
        *box = CH_BYTES(out, CH_BOX_KEY + packed.n);
    }
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    return ok;
}

bool ch_box_decrypt(struct ch_arena *a, void *reader, const char *purpose, struct ch_bytes box, struct ch_bytes *plain)
{
    unsigned char *secret = ch_alloc_secret(a, SECRET), own[CH_BOX_KEY];
    EVP_PKEY *peer = box.n > CH_BOX_KEY ? ch_key_p256(CH_BYTES(box.p, CH_BOX_KEY)) : NULL;
    bool ok = peer != NULL && public_bytes(reader, own) && derive_secret(reader, peer, secret);

    EVP_PKEY_free(peer);
    if (!ok)
        return false;
    const char *bound = binding(a, purpose, box.p, own);
    return ch_gcm_unpack(a, derive_key(a, secret, bound), CH_BYTES(bound, strlen(bound)),
                         CH_BYTES(box.p + CH_BOX_KEY, box.n - CH_BOX_KEY), plain);
}
