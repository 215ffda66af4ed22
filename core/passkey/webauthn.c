/* SPDX-License-Identifier: Apache-2.0
 * Client data, authenticator data, COSE key and signature of WebAuthn. */
#include "core/passkey/webauthn.h"

#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"

#include <string.h>

/* Authenticator data (6.1): hash of the RP id | flags | counter, then the attested credential, then extensions. */
#define RP_HASH 32
#define HEAD (RP_HASH + 1 + 4)
#define AAGUID 16
enum { USER_PRESENT = 0x01, USER_VERIFIED = 0x04, ATTESTED = 0x40 };

struct ch_webauthn_site ch_webauthn_site(struct ch_arena *a, const char *origin)
{
    const char *host = strstr(origin, "://");

    host = host != NULL ? host + 3 : origin;
    return (struct ch_webauthn_site){.origin = origin, .rp_id = ch_strndup(a, host, strcspn(host, ":/"))};
}

static enum ch_err refuse(struct ch_fault *f, const char *why)
{
    return ch_fault(f, CH_E_INVALID, "passkey: %s", why);
}

/* Client data (5.8.1): what the browser says of the page, and the challenge that it was given. */
static enum ch_err check_client_data(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                                     const char *type, struct ch_bytes challenge, struct ch_bytes client_data)
{
    struct ch_json *said;
    struct ch_bytes answered;

    if (ch_json_parse(a, client_data, &said, NULL) != CH_JSON_OK || said->kind != CH_JSON_OBJECT)
        return refuse(f, "client data is no JSON object");
    const char *said_type = ch_json_text(said, "type"), *origin = ch_json_text(said, "origin");
    const char *text = ch_json_text(said, "challenge");
    const struct ch_json *framed = ch_json_get(said, "crossOrigin");
    if (said_type == NULL || strcmp(said_type, type) != 0)
        return refuse(f, "client data of another kind");
    if (origin == NULL || strcmp(origin, site->origin) != 0)
        return refuse(f, "another origin");
    if (framed != NULL && (framed->kind != CH_JSON_BOOL || framed->truth))
        return refuse(f, "within a page of another origin");
    if (text == NULL || !ch_unbase64(a, text, &answered) || !ch_same(answered, challenge))
        return refuse(f, "another challenge");
    return CH_OK;
}

static uint32_t read_u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum ch_err check_authenticator(struct ch_fault *f, const struct ch_webauthn_site *site, struct ch_bytes data)
{
    unsigned char hash[CH_SHA256_BYTES];

    if (data.n < HEAD)
        return refuse(f, "authenticator data is too short");
    ch_sha256(CH_BYTES(site->rp_id, strlen(site->rp_id)), hash);
    if (!ch_same(CH_BYTES(data.p, RP_HASH), CH_BYTES(hash, sizeof hash)))
        return refuse(f, "for another host");
    if ((data.p[RP_HASH] & USER_PRESENT) == 0 || (data.p[RP_HASH] & USER_VERIFIED) == 0)
        return refuse(f, "its owner was not verified");
    return CH_OK;
}

/* The public key as COSE writes it (RFC 9053, 7.1.1). CTAP2 allows one encoding only: a map of kty EC2, alg ES256, crv P-256, x
 * and y in this order. */
static bool read_cose_key(struct ch_bytes in, unsigned char point[CH_PASSKEY_POINT])
{
    static const unsigned char before_x[] = {0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
    static const unsigned char before_y[] = {0x22, 0x58, 0x20};
    const unsigned char *y = in.p + sizeof before_x + 32;

    if (in.n < sizeof before_x + 32 + sizeof before_y + 32 || memcmp(in.p, before_x, sizeof before_x) != 0 ||
        memcmp(y, before_y, sizeof before_y) != 0)
        return false;
    point[0] = 4;
    memcpy(point + 1, in.p + sizeof before_x, 32);
    memcpy(point + 33, y + sizeof before_y, 32);
    EVP_PKEY *key = ch_key_p256(CH_BYTES(point, CH_PASSKEY_POINT)); /* a point of the curve? */
    EVP_PKEY_free(key);
    return key != NULL;
}

enum ch_err ch_webauthn_registered(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                                   struct ch_bytes challenge, struct ch_bytes client_data,
                                   struct ch_bytes authenticator_data, struct ch_passkey *out)
{
    const struct ch_bytes data = authenticator_data;
    enum ch_err e = check_client_data(a, f, site, "webauthn.create", challenge, client_data);

    if (e == CH_OK)
        e = check_authenticator(f, site, data);
    if (e != CH_OK)
        return e;
    if ((data.p[RP_HASH] & ATTESTED) == 0 || data.n < HEAD + AAGUID + 2)
        return refuse(f, "no credential was made");
    const unsigned char *length = data.p + HEAD + AAGUID;
    size_t n = (size_t)length[0] << 8 | length[1], at = HEAD + AAGUID + 2;
    if (n == 0 || n > CH_PASSKEY_CREDENTIAL_MAX || data.n - at < n)
        return refuse(f, "the credential's id has a wrong length");
    out->credential = CH_BYTES(data.p + at, n);
    out->count = read_u32(data.p + RP_HASH + 1);
    if (!read_cose_key(CH_BYTES(data.p + at + n, data.n - at - n), out->public_key))
        return refuse(f, "no ES256 key");
    return CH_OK;
}

enum ch_err ch_webauthn_asserted(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                                 struct ch_bytes challenge, const struct ch_assertion *assertion,
                                 const unsigned char public_key[CH_PASSKEY_POINT], uint32_t *count)
{
    const struct ch_bytes data = assertion->authenticator_data;
    enum ch_err e = check_client_data(a, f, site, "webauthn.get", challenge, assertion->client_data);

    if (e == CH_OK)
        e = check_authenticator(f, site, data);
    if (e != CH_OK)
        return e;
    unsigned char *signed_bytes = ch_alloc(a, data.n + CH_SHA256_BYTES);
    memcpy(signed_bytes, data.p, data.n);
    ch_sha256(assertion->client_data, signed_bytes + data.n);
    EVP_PKEY *key = ch_key_p256(CH_BYTES(public_key, CH_PASSKEY_POINT));
    bool right =
        key != NULL && ch_verify(key, NULL, CH_BYTES(signed_bytes, data.n + CH_SHA256_BYTES), assertion->signature);
    EVP_PKEY_free(key);
    if (!right)
        return refuse(f, "the signature is wrong");
    if (count != NULL)
        *count = read_u32(data.p + RP_HASH + 1);
    return CH_OK;
}
