/* SPDX-License-Identifier: Apache-2.0
 * What a passkey is known by, and its assertions. */
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "modules/sandbox/authenticator/authenticator.h"

#include <openssl/core_names.h>
#include <string.h>

/* Authenticator data (6.1) without extensions: hash of the RP id | flags | counter. */
#define RP_HASH CH_SHA256_BYTES
#define DATA (RP_HASH + 1 + 4)
enum { USER_PRESENT = 0x01, USER_VERIFIED = 0x04 };

bool authenticator_public(const EVP_PKEY *key, struct authenticator_public *out)
{
    size_t n = 0;

    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out->point, sizeof out->point, &n) != 1 ||
        n != sizeof out->point)
        return false;
    EVP_PKEY *read = ch_key_p256(CH_BYTES(out->point, n));
    EVP_PKEY_free(read);
    ch_sha256(CH_BYTES(out->point, n), out->credential);
    return read != NULL;
}

static struct ch_bytes client_data(struct ch_arena *a, const struct ch_webauthn_site *site, struct ch_bytes challenge)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "type", "webauthn.get");
    ch_jw_text(&w, "challenge", ch_base64url(a, challenge));
    ch_jw_text(&w, "origin", site->origin);
    ch_jw_bool(&w, "crossOrigin", false);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    return CH_BYTES(text, strlen(text));
}

static struct ch_bytes authenticator_data(struct ch_arena *a, const struct ch_webauthn_site *site)
{
    unsigned char *data = ch_alloc(a, DATA); /* zeros: the counter stays at 0, as that of most passkeys does */

    ch_sha256(CH_BYTES(site->rp_id, strlen(site->rp_id)), data);
    data[RP_HASH] = USER_PRESENT | USER_VERIFIED;
    return CH_BYTES(data, DATA);
}

bool authenticator_assert(struct ch_arena *a, EVP_PKEY *key, const struct ch_webauthn_site *site,
                          struct ch_bytes challenge, struct ch_assertion *out)
{
    struct authenticator_public known;
    unsigned char signed_bytes[DATA + CH_SHA256_BYTES];

    if (!authenticator_public(key, &known))
        return false;
    out->credential = ch_bytes_dup(a, CH_BYTES(known.credential, sizeof known.credential));
    out->client_data = client_data(a, site, challenge);
    out->authenticator_data = authenticator_data(a, site);
    memcpy(signed_bytes, out->authenticator_data.p, DATA);
    ch_sha256(out->client_data, signed_bytes + DATA);
    return ch_sign(a, key, NULL, CH_BYTES(signed_bytes, sizeof signed_bytes), &out->signature);
}

void authenticator_write(struct ch_jw *w, struct ch_arena *a, const struct ch_assertion *made)
{
    ch_jw_object(w, NULL);
    ch_jw_text(w, "credential", ch_base64url(a, made->credential));
    ch_jw_text(w, "client_data", ch_base64url(a, made->client_data));
    ch_jw_text(w, "authenticator_data", ch_base64url(a, made->authenticator_data));
    ch_jw_text(w, "signature", ch_base64url(a, made->signature));
    ch_jw_end_object(w);
}
