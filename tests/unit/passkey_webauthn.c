/* SPDX-License-Identifier: Apache-2.0
 * What Chromium's authenticator gave when a passkey was made and used, and everything that must be refused: each check of the
 * standard is broken once. */
#include "core/passkey/webauthn.h"

#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>

#include <cmocka.h>

#define CREATED \
    "{\"type\":\"webauthn.create\",\"challenge\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"origin\":\"http://desk.localhost:8161\",\"crossOrigin\":false}"
#define USED \
    "{\"type\":\"webauthn.get\",\"challenge\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"origin\":\"http://desk.localhost:8161\",\"crossOrigin\":false}"
#define HOST "6fd49fed247bb13f72d63b3037f91efa8eab35ed0bd6f2955fb5150a1e273c25"
#define ID "5570c4748f4984bdd993260f3180121a65b7b892dab66462a74a8db5eca0f666"
#define X "3dd0ae4908800d58ff5d4991608ff916b7b149e4cb228cbf3c6baf7ba350a5c7"
#define Y "e1b5228dfaa92dccdb0e5557c66c9cdd0ec834364a80b67a1581c79b5da67cb9"
#define AAGUID "01020304050607080102030405060708"
#define COSE(x, y) "a5010203262001215820" x "225820" y
#define MADE HOST "4500000001" AAGUID "0020" ID COSE(X, Y)
#define SIGNATURE \
    "304402206b7378f3f0c4c8b7951bd48c8425dd39d5797ac4d673d4563a0393c0bfa72ba3022037b9f27cb5230ab9e9a0caf03f80ab7d6d59c6c93db7dad932a5617c86051641"

static const struct ch_webauthn_site site = {"http://desk.localhost:8161", "desk.localhost"};
static struct ch_arena *a;
static struct ch_bytes challenge;

static struct ch_bytes hex(const char *text)
{
    struct ch_bytes b;

    assert_true(ch_unhex(a, text, &b));
    return b;
}

static struct ch_bytes text(const char *s)
{
    return CH_BYTES(s, strlen(s));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    challenge = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

static void a_passkey_of_chromium(void **state)
{
    struct ch_passkey key;
    struct ch_assertion used = {hex(ID), text(USED), hex(HOST "0500000002"), hex(SIGNATURE)};
    uint32_t count = 0;

    (void)state;
    assert_int_equal(ch_webauthn_registered(a, NULL, &site, challenge, text(CREATED), hex(MADE), &key), CH_OK);
    assert_true(ch_same(key.credential, hex(ID)));
    assert_true(ch_same(CH_BYTES(key.public_key, CH_PASSKEY_POINT), hex("04" X Y)));
    assert_int_equal(key.count, 1);
    assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &used, key.public_key, &count), CH_OK);
    assert_int_equal(count, 2);
}

/* Whether registering is refused, for that reason. */
static bool not_made(const char *client, const char *data, const char *why)
{
    struct ch_fault f = {0};
    struct ch_passkey key;

    return ch_webauthn_registered(a, &f, &site, challenge, text(client), hex(data), &key) == CH_E_INVALID &&
           strstr(f.detail, why) != NULL;
}

static void no_passkey(void **state)
{
    (void)state;
    assert_true(not_made("", MADE, "no JSON object"));
    assert_true(not_made("[]", MADE, "no JSON object"));
    assert_true(not_made("{}", MADE, "another kind"));
    assert_true(not_made(USED, MADE, "another kind"));
#define CLIENT(type, challenge, origin, more) \
    "{\"type\":\"" type "\",\"challenge\":\"" challenge "\",\"origin\":\"" origin "\"" more "}"
#define RIGHT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define HERE "http://desk.localhost:8161"
    assert_false(not_made(CLIENT("webauthn.create", RIGHT, HERE, ""), MADE, ""));
    assert_true(not_made(CLIENT("webauthn.create", RIGHT, "http://desk.localhost:8162", ""), MADE, "origin"));
    assert_true(not_made(CLIENT("webauthn.create", RIGHT, HERE ".evil.example", ""), MADE, "origin"));
    assert_true(not_made(CLIENT("webauthn.create", RIGHT, HERE, ",\"crossOrigin\":true"), MADE, "within"));
    assert_true(not_made(CLIENT("webauthn.create", RIGHT, HERE, ",\"crossOrigin\":\"false\""), MADE, "within"));
    assert_true(not_made(CLIENT("webauthn.create", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh4", HERE, ""), MADE,
                         "challenge"));
    assert_true(not_made(CLIENT("webauthn.create", "", HERE, ""), MADE, "challenge"));
    assert_true(not_made(CLIENT("webauthn.create", "%%%", HERE, ""), MADE, "challenge"));

    assert_true(not_made(CREATED, "", "too short"));
    assert_true(not_made(CREATED, HOST "45000000", "too short"));
    assert_true(not_made(CREATED, "00" ID "4500000001", "another host"));
    assert_true(not_made(CREATED, HOST "4400000001" AAGUID "0020" ID COSE(X, Y), "not verified")); /* nobody was there */
    assert_true(not_made(CREATED, HOST "4100000001" AAGUID "0020" ID COSE(X, Y), "not verified")); /* touched, not verified */
    assert_true(not_made(CREATED, HOST "0500000001" AAGUID "0020" ID COSE(X, Y), "no credential"));
    assert_true(not_made(CREATED, HOST "4500000001", "no credential"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "00", "no credential"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "0000" COSE(X, Y), "wrong length"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "0021" ID, "wrong length"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "ffff" ID COSE(X, Y), "wrong length"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "0020" ID, "no ES256"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "0020" ID "a5010203262001215820" X "225820", "no ES256"));
    assert_true(not_made(CREATED, HOST "4500000001" AAGUID "0020" ID COSE(Y, X), "no ES256")); /* beside the curve */
    assert_true(not_made(CREATED,
                         HOST "4500000001" AAGUID "0020" ID "a5010203382220"
                              "01215820" X "225820" Y,
                         "no ES256"));
}

/* An authenticator of our own, to sign what a real one would not. */
static EVP_PKEY *own_key;
static unsigned char own_point[CH_PASSKEY_POINT];

static enum ch_err use(const char *client, const char *data, struct ch_fault *f)
{
    struct ch_bytes d = hex(data), sig;
    unsigned char *all = ch_alloc(a, d.n + CH_SHA256_BYTES);

    memcpy(all, d.p, d.n);
    ch_sha256(text(client), all + d.n);
    assert_true(ch_sign(a, own_key, NULL, CH_BYTES(all, d.n + CH_SHA256_BYTES), &sig));
    struct ch_assertion used = {hex(ID), text(client), d, sig};
    return ch_webauthn_asserted(a, f, &site, challenge, &used, own_point, NULL);
}

static bool not_used(const char *client, const char *data, const char *why)
{
    struct ch_fault f = {0};
    return use(client, data, &f) == CH_E_INVALID && strstr(f.detail, why) != NULL;
}

static void no_use(void **state)
{
    struct ch_passkey chromium;
    size_t n;

    (void)state;
    own_key = EVP_EC_gen("P-256");
    assert_int_equal(EVP_PKEY_get_octet_string_param(own_key, OSSL_PKEY_PARAM_PUB_KEY, own_point, sizeof own_point, &n), 1);
    assert_int_equal(use(USED, HOST "0500000000", NULL), CH_OK);
    assert_int_equal(use(USED, HOST "8500000000a0", NULL), CH_OK); /* with extensions, which say nothing to us */
    assert_true(not_used(CREATED, HOST "0500000000", "another kind"));
    assert_true(not_used(CLIENT("webauthn.get", RIGHT, "https://desk.localhost:8161", ""), HOST "0500000000", "origin"));
    assert_true(not_used(CLIENT("webauthn.get", "AAAA", HERE, ""), HOST "0500000000", "challenge"));
    assert_true(not_used(USED, "00" ID "0500000000", "another host"));
    assert_true(not_used(USED, HOST "0100000000", "not verified"));
    assert_true(not_used(USED, HOST "0400000000", "not verified"));

    /* Chromium's signature: by another key, over other data, cut, changed, empty. */
    struct ch_assertion used = {hex(ID), text(USED), hex(HOST "0500000002"), hex(SIGNATURE)};
    assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &used, own_point, NULL), CH_E_INVALID);
    assert_int_equal(ch_webauthn_registered(a, NULL, &site, challenge, text(CREATED), hex(MADE), &chromium), CH_OK);
    used.authenticator_data = hex(HOST "0500000003");
    assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &used, chromium.public_key, NULL), CH_E_INVALID);
    used.authenticator_data = hex(HOST "0500000002");
    for (size_t i = 0; i < used.signature.n; i++) {
        unsigned char *changed = ch_alloc(a, used.signature.n);
        memcpy(changed, hex(SIGNATURE).p, used.signature.n);
        changed[i] ^= 1;
        struct ch_assertion wrong = used;
        wrong.signature = CH_BYTES(changed, used.signature.n);
        assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &wrong, chromium.public_key, NULL), CH_E_INVALID);
        wrong.signature = CH_BYTES(hex(SIGNATURE).p, i);
        assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &wrong, chromium.public_key, NULL), CH_E_INVALID);
    }
    unsigned char beside[CH_PASSKEY_POINT] = {4, 1};
    assert_int_equal(ch_webauthn_asserted(a, NULL, &site, challenge, &used, beside, NULL), CH_E_INVALID);
    EVP_PKEY_free(own_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passkey_of_chromium),
        cmocka_unit_test(no_passkey),
        cmocka_unit_test(no_use),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
