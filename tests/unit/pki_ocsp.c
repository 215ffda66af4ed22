/* SPDX-License-Identifier: Apache-2.0
 * OCSP: requests as other clients write them, responses as OpenSSL reads them, and everything that a relying party must
 * not believe. */
#include "core/pki/ocsp.h"

#include "tests/unit/pki_make.h"

#include <openssl/ocsp.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CA_USAGE "critical,keyCertSign,cRLSign"
#define SERIAL "712C1B5A584A1BBE"
#define OTHER_SERIAL "00000000000000AB"
#define NOTHING CH_BYTES("", 0)

static struct ch_arena *a;
static struct pair ca, responder; /* SM2 */
static const char *const names[] = {"sm2", "rsa", "p256"};
static const char *const digests[CH_OCSP__HASHES] = {"SHA1", "SHA256", "SM3"};

static struct pair make_ca(const char *algorithm)
{
    return make_cert(NULL,
                     (struct wish){.algorithm = algorithm, .name = "签发", .ca = true, .below = -1, .usage = CA_USAGE});
}

static struct wish signer(const char *algorithm)
{
    return (struct wish){.algorithm = algorithm,
                         .name = "状态",
                         .usage = "critical,digitalSignature",
                         .extension = "extendedKeyUsage",
                         .value = "OCSPSigning"};
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    ca = make_ca("sm2");
    responder = make_cert(&ca, signer("sm2"));
    return 0;
}

static int end(void **state)
{
    (void)state;
    free_pair(&ca);
    free_pair(&responder);
    ch_arena_free(a);
    return 0;
}

/* ---- requests ---- */

static OCSP_CERTID *openssl_id(const char *digest, X509 *issuer, const char *serial)
{
    ASN1_INTEGER *number = ch_cert_serial_read(serial);
    OCSP_CERTID *id = OCSP_cert_id_new(EVP_get_digestbyname(digest), X509_get_subject_name(issuer),
                                       X509_get0_pubkey_bitstr(issuer), number);
    ASN1_INTEGER_free(number);
    return id;
}

static struct ch_bytes openssl_request(const char *digest, int ids, bool nonce)
{
    OCSP_REQUEST *r = OCSP_REQUEST_new();

    for (int i = 0; i < ids; i++)
        assert_non_null(OCSP_request_add0_id(r, openssl_id(digest, ca.cert, i == 0 ? SERIAL : OTHER_SERIAL)));
    if (nonce)
        assert_int_equal(OCSP_request_add1_nonce(r, NULL, 32), 1);
    struct ch_bytes der = ch_asn1_der(a, r, ASN1_ITEM_rptr(OCSP_REQUEST));
    OCSP_REQUEST_free(r);
    return der;
}

static void requests_of_openssl(void **state)
{
    struct ch_ocsp_issuer ours, others;
    struct pair other = make_ca("sm2");

    (void)state;
    ch_ocsp_issuer(ca.cert, &ours);
    ch_ocsp_issuer(other.cert, &others);
    for (int i = 0; i < CH_OCSP__HASHES; i++)
        for (int nonce = 0; nonce < 2; nonce++) {
            struct ch_ocsp_id id;
            assert_int_equal(ch_ocsp_request(a, openssl_request(digests[i], 1, nonce), &id), CH_OCSP_SUCCESSFUL);
            assert_int_equal(id.hash, i);
            assert_string_equal(id.serial, SERIAL);
            assert_true(ch_ocsp_is_of(&id, &ours));
            assert_false(ch_ocsp_is_of(&id, &others)); /* the same name, another key */
        }
    free_pair(&other);
}

static void ours_is_openssls_byte_by_byte(void **state)
{
    (void)state;
    for (int i = 0; i < CH_OCSP__HASHES; i++) {
        struct ch_bytes ours, theirs = openssl_request(digests[i], 1, false);
        assert_true(ch_ocsp_ask(a, ca.cert, SERIAL, i, &ours));
        assert_int_equal(ours.n, theirs.n);
        assert_memory_equal(ours.p, theirs.p, ours.n);
    }
    struct ch_bytes none;
    assert_false(ch_ocsp_ask(a, ca.cert, "0", CH_OCSP_SHA1, &none));
}

static enum ch_ocsp_result read(struct ch_bytes der)
{
    struct ch_ocsp_id id;
    return ch_ocsp_request(a, der, &id);
}

static void a_request_is_whole(void **state)
{
    struct ch_bytes der = openssl_request("SHA256", 1, true);
    unsigned char *longer = ch_alloc(a, der.n + 1);

    (void)state;
    for (size_t n = 0; n < der.n; n++)
        assert_int_equal(read(CH_BYTES(der.p, n)), CH_OCSP_MALFORMED);
    memcpy(longer, der.p, der.n);
    assert_int_equal(read(CH_BYTES(longer, der.n + 1)), CH_OCSP_MALFORMED);
    assert_int_equal(read(CH_BYTES(ch_alloc(a, CH_OCSP_REQUEST_MAX + 1), CH_OCSP_REQUEST_MAX + 1)), CH_OCSP_MALFORMED);
}

static void one_certificate_a_request(void **state)
{
    (void)state;
    assert_int_equal(read(openssl_request("SHA1", 2, false)), CH_OCSP_MALFORMED);
    assert_int_equal(read(openssl_request("SHA1", 0, false)), CH_OCSP_MALFORMED);
}

static void ids_that_nobody_has(void **state)
{
    OCSP_REQUEST *r = OCSP_REQUEST_new();
    struct ch_bytes der;

    (void)state;
    assert_int_equal(read(openssl_request("SHA512", 1, false)), CH_OCSP_UNAUTHORIZED);
    OCSP_CERTID *id = openssl_id("SHA1", ca.cert, SERIAL);
    ASN1_INTEGER *serial;
    OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
    ASN1_INTEGER_set_int64(serial, -5);
    assert_non_null(OCSP_request_add0_id(r, id));
    der = ch_asn1_der(a, r, ASN1_ITEM_rptr(OCSP_REQUEST));
    assert_int_equal(read(der), CH_OCSP_UNAUTHORIZED);
    OCSP_REQUEST_free(r);
}

/* TBSRequest around our own Request, with something before or behind it. */
static struct ch_bytes request_with(struct ch_bytes before, struct ch_bytes behind, struct ch_bytes outside)
{
    struct ch_bytes der, list;

    assert_true(ch_ocsp_ask(a, ca.cert, SERIAL, CH_OCSP_SHA1, &der));
    struct ch_der d = ch_der_open(der), outer = ch_der_enter(&d, CH_DER_SEQUENCE),
                  tbs = ch_der_enter(&outer, CH_DER_SEQUENCE);
    list = ch_der_whole(&tbs, CH_DER_SEQUENCE);
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_DER_JOIN(a, CH_DER_SEQUENCE, before, list, behind), outside);
}

static struct ch_bytes extensions(bool critical)
{
    struct ch_bytes yes = critical ? ch_der_put(a, CH_DER_BOOLEAN, CH_LIT("\xff")) : NOTHING;
    struct ch_bytes one =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OID, CH_LIT("\x2b\x06\x01\x05\x05\x07\x30\x01\x07")), yes,
                    ch_der_put(a, CH_DER_OCTETS, CH_LIT("\x30\0")));

    return ch_der_put(a, CH_DER_CONTEXT(2), ch_der_put(a, CH_DER_SEQUENCE, one));
}

static void what_may_stand_around_it(void **state)
{
    struct ch_bytes version = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put_int(a, 0));
    struct ch_bytes later = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put_int(a, 1));
    struct ch_bytes name = ch_der_put(a, CH_DER_CONTEXT(1), ch_der_put_text(a, 0x86, "http://somebody.example/"));
    struct ch_bytes signature = ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put(a, CH_DER_SEQUENCE, NOTHING));

    (void)state;
    assert_int_equal(read(request_with(NOTHING, NOTHING, NOTHING)), CH_OCSP_SUCCESSFUL);
    assert_int_equal(read(request_with(version, NOTHING, NOTHING)), CH_OCSP_SUCCESSFUL);
    assert_int_equal(read(request_with(name, extensions(false), signature)), CH_OCSP_SUCCESSFUL);
    assert_int_equal(read(request_with(later, NOTHING, NOTHING)), CH_OCSP_MALFORMED);
    assert_int_equal(read(request_with(NOTHING, extensions(true), NOTHING)), CH_OCSP_MALFORMED);
    assert_int_equal(read(request_with(NOTHING, signature, NOTHING)), CH_OCSP_MALFORMED);
}

static void errors_are_openssls(void **state)
{
    static const enum ch_ocsp_result all[] = {CH_OCSP_MALFORMED, CH_OCSP_INTERNAL, CH_OCSP_TRY_LATER, CH_OCSP_UNAUTHORIZED};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(all); i++) {
        struct ch_bytes der = ch_ocsp_error(all[i]);
        const unsigned char *p = der.p;
        OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
        assert_non_null(r);
        assert_int_equal(OCSP_response_status(r), all[i]);
        OCSP_RESPONSE_free(r);
    }
}

/* ---- responses ---- */

struct told {
    const char *reason;
    int64_t revoked_at;
    const char *serial; /* NULL: SERIAL */
    const char *id;     /* SM2 id; NULL: the right one */
};

/* The answer of a signer, which may not be a valid one, about a certificate of `issuer`. */
static struct ch_bytes respond(const struct pair *issuer, X509 *cert, EVP_PKEY *key, struct told t)
{
    struct ch_ocsp_issuer hashes;
    struct ch_ocsp_plan plan = {.issuer = &hashes,
                                .serial = t.serial != NULL ? t.serial : SERIAL,
                                .reason = t.reason,
                                .revoked_at = t.revoked_at,
                                .this_update = NOON,
                                .next_update = NOON + 4 * DAY,
                                .produced_at = NOON};
    struct ch_bytes tbs, der;

    ch_ocsp_issuer(issuer->cert, &hashes);
    assert_true(ch_ocsp_fix(a, &plan, cert, &tbs));
    assert_true(ch_ocsp_sign(a, tbs, cert, key, &der));
    return der;
}

static enum ch_ocsp_verdict verdict_at(struct ch_bytes der, int64_t at)
{
    struct ch_ocsp_answer ignored;
    return ch_ocsp_verify(a, der, ca.cert, SERIAL, at, &ignored);
}

static enum ch_ocsp_verdict verdict(struct ch_bytes der)
{
    return verdict_at(der, NOON + 60);
}

static void a_status_of_each_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++) {
        struct pair issuer = make_ca(names[i]), by = make_cert(&issuer, signer(names[i]));
        struct ch_ocsp_answer said;
        struct ch_bytes good = respond(&issuer, by.cert, by.key, (struct told){0});
        struct ch_bytes bad = respond(&issuer, by.cert, by.key, (struct told){"superseded", NOON - 50, NULL, NULL});

        assert_int_equal(ch_ocsp_verify(a, good, issuer.cert, SERIAL, NOON, &said), CH_OCSP_GOOD);
        assert_int_equal(said.this_update, NOON);
        assert_int_equal(said.next_update, NOON + 4 * DAY);
        assert_int_equal(ch_ocsp_verify(a, bad, issuer.cert, SERIAL, NOON, &said), CH_OCSP_REVOKED);
        assert_int_equal(said.reason, 4);
        assert_int_equal(said.revoked_at, NOON - 50);
        free_pair(&issuer);
        free_pair(&by);
    }
}

static void reasons_are_told(void **state)
{
    struct ch_ocsp_answer said;

    (void)state;
    struct ch_bytes hold = respond(&ca, responder.cert, responder.key, (struct told){"hold", NOON - 1, NULL, NULL});
    assert_int_equal(ch_ocsp_verify(a, hold, ca.cert, SERIAL, NOON, &said), CH_OCSP_REVOKED);
    assert_int_equal(said.reason, 6);
    struct ch_bytes none = respond(&ca, responder.cert, responder.key, (struct told){"unspecified", NOON - 1, NULL, NULL});
    assert_int_equal(ch_ocsp_verify(a, none, ca.cert, SERIAL, NOON, &said), CH_OCSP_REVOKED);
    assert_int_equal(said.reason, -1);
}

/* The response has the id of the request for each of the three digests. */
static void openssl_finds_each_id(void **state)
{
    struct ch_bytes der =
        respond(&ca, responder.cert, responder.key, (struct told){"key_compromise", NOON - 5, NULL, NULL});
    const unsigned char *p = der.p;
    OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(r);
    int status, reason;

    (void)state;
    assert_int_equal(OCSP_response_status(r), 0);
    assert_int_equal(OCSP_resp_count(basic), CH_OCSP__HASHES);
    for (int i = 0; i < CH_OCSP__HASHES; i++) {
        OCSP_CERTID *id = openssl_id(digests[i], ca.cert, SERIAL);
        assert_int_equal(OCSP_resp_find_status(basic, id, &status, &reason, NULL, NULL, NULL), 1);
        assert_int_equal(status, V_OCSP_CERTSTATUS_REVOKED);
        assert_int_equal(reason, 1);
        OCSP_CERTID_free(id);
    }
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(r);
}

/* What OpenSSL's own check takes: without the SM2 id, which it cannot be told, only the other two. */
static void openssl_verifies(void **state)
{
    (void)state;
    for (size_t i = 1; i < CH_COUNT(names); i++) {
        struct pair issuer = make_ca(names[i]), by = make_cert(&issuer, signer(names[i]));
        struct ch_bytes der = respond(&issuer, by.cert, by.key, (struct told){0});
        const unsigned char *p = der.p;
        OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(r);
        X509_STORE *store = X509_STORE_new();
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), NOON);
        assert_int_equal(X509_STORE_add_cert(store, issuer.cert), 1);
        assert_int_equal(OCSP_basic_verify(basic, NULL, store, 0), 1);
        X509_STORE_free(store);
        OCSP_BASICRESP_free(basic);
        OCSP_RESPONSE_free(r);
        free_pair(&issuer);
        free_pair(&by);
    }
}

static void the_issuer_itself_may_answer(void **state)
{
    (void)state;
    assert_int_equal(verdict(respond(&ca, ca.cert, ca.key, (struct told){0})), CH_OCSP_GOOD);
}

static void who_may_not_answer(void **state)
{
    struct wish plain = signer("sm2"), old = plain, young = plain, forged = plain, encrypts = plain;
    struct pair stranger = make_ca("sm2");

    (void)state;
    plain.extension = NULL; /* a certificate like any other */
    old.end = NOON;         /* expired */
    young.start = NOON + 3600;
    forged.wrong_key = true; /* not signed by the issuer */
    encrypts.usage = "critical,keyEncipherment";
    const struct wish none[] = {plain, old, young, forged, encrypts};
    for (size_t i = 0; i < CH_COUNT(none); i++) {
        struct pair by = make_cert(&ca, none[i]);
        assert_int_equal(verdict(respond(&ca, by.cert, by.key, (struct told){0})), CH_OCSP_BAD_SIGNER);
        free_pair(&by);
    }
    struct pair by = make_cert(&stranger, signer("sm2")); /* of another CA, which has our CA's name */
    assert_int_equal(verdict(respond(&ca, by.cert, by.key, (struct told){0})), CH_OCSP_BAD_SIGNER);
    free_pair(&by);
    free_pair(&stranger);
}

static void the_key_is_the_named_one(void **state)
{
    struct pair other = make_cert(&ca, signer("sm2"));

    (void)state;
    assert_int_equal(verdict(respond(&ca, responder.cert, other.key, (struct told){0})), CH_OCSP_BAD_SIGNATURE);
    free_pair(&other);
}

static void another_certificate_is_no_answer(void **state)
{
    struct pair other = make_ca("sm2");

    (void)state;
    assert_int_equal(verdict(respond(&ca, responder.cert, responder.key, (struct told){.serial = OTHER_SERIAL})),
                     CH_OCSP_NO_ANSWER);
    assert_int_equal(verdict(respond(&other, responder.cert, responder.key, (struct told){0})), CH_OCSP_NO_ANSWER);
    assert_int_equal(verdict(ch_ocsp_error(CH_OCSP_TRY_LATER)), CH_OCSP_NO_ANSWER);
    assert_int_equal(verdict(NOTHING), CH_OCSP_NO_ANSWER);
    free_pair(&other);
}

static void a_status_has_its_time(void **state)
{
    struct ch_bytes der = respond(&ca, responder.cert, responder.key, (struct told){0});

    (void)state;
    assert_int_equal(verdict_at(der, NOON + 4 * DAY), CH_OCSP_GOOD);
    assert_int_equal(verdict_at(der, NOON + 4 * DAY + 1), CH_OCSP_NOT_CURRENT);
    assert_int_equal(verdict_at(der, NOON - 3600), CH_OCSP_NOT_CURRENT);
}

static void no_byte_may_change(void **state)
{
    struct ch_bytes der = respond(&ca, responder.cert, responder.key, (struct told){"hold", NOON - 1, NULL, NULL});
    struct ch_bytes copy = ch_bytes_dup(a, der);
    unsigned char *p = (unsigned char *)(uintptr_t)copy.p;

    (void)state;
    assert_int_equal(verdict(der), CH_OCSP_REVOKED);
    for (size_t i = 0; i < der.n; i++) {
        p[i] ^= 1;
        assert_true(verdict(copy) > CH_OCSP_UNKNOWN);
        p[i] ^= 1;
        assert_true(verdict(CH_BYTES(der.p, i)) > CH_OCSP_UNKNOWN);
    }
}

static void another_id_is_no_signature(void **state)
{
    struct ch_ocsp_issuer hashes;
    struct ch_ocsp_plan plan = {
        .issuer = &hashes, .serial = SERIAL, .this_update = NOON, .next_update = NOON + DAY, .produced_at = NOON};
    static const char *const ids[] = {CH_SM2_ID, "", "1234567812345679"};
    struct ch_bytes tbs, sig;

    (void)state;
    ch_ocsp_issuer(ca.cert, &hashes);
    assert_true(ch_ocsp_fix(a, &plan, responder.cert, &tbs));
    for (size_t i = 0; i < CH_COUNT(ids); i++) {
        assert_true(ch_sign(a, responder.key, ids[i], tbs, &sig));
        struct ch_bytes certs =
            ch_der_put(a, CH_DER_CONTEXT(0), ch_der_put(a, CH_DER_SEQUENCE, ch_cert_der(a, responder.cert)));
        struct ch_bytes basic =
            CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, ch_alg_der(a, responder.key), ch_der_put_bits(a, sig), certs);
        struct ch_bytes body =
            CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OID, CH_LIT("\x2b\x06\x01\x05\x05\x07\x30\x01\x01")),
                        ch_der_put(a, CH_DER_OCTETS, basic));
        struct ch_bytes der =
            CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_LIT("\x0a\x01\0"), ch_der_put(a, CH_DER_CONTEXT(0), body));
        assert_int_equal(verdict(der), i == 0 ? CH_OCSP_GOOD : CH_OCSP_BAD_SIGNATURE);
    }
}

static void what_makes_no_response(void **state)
{
    struct ch_ocsp_issuer hashes;
    struct ch_ocsp_plan plan = {.issuer = &hashes, .serial = "0", .this_update = NOON, .next_update = NOON + DAY};
    struct ch_bytes tbs;

    (void)state;
    ch_ocsp_issuer(ca.cert, &hashes);
    assert_false(ch_ocsp_fix(a, &plan, responder.cert, &tbs));
    plan.serial = SERIAL;
    plan.reason = "stolen";
    assert_false(ch_ocsp_fix(a, &plan, responder.cert, &tbs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_openssl),
        cmocka_unit_test(ours_is_openssls_byte_by_byte),
        cmocka_unit_test(a_request_is_whole),
        cmocka_unit_test(one_certificate_a_request),
        cmocka_unit_test(ids_that_nobody_has),
        cmocka_unit_test(what_may_stand_around_it),
        cmocka_unit_test(errors_are_openssls),
        cmocka_unit_test(a_status_of_each_algorithm),
        cmocka_unit_test(reasons_are_told),
        cmocka_unit_test(openssl_finds_each_id),
        cmocka_unit_test(openssl_verifies),
        cmocka_unit_test(the_issuer_itself_may_answer),
        cmocka_unit_test(who_may_not_answer),
        cmocka_unit_test(the_key_is_the_named_one),
        cmocka_unit_test(another_certificate_is_no_answer),
        cmocka_unit_test(a_status_has_its_time),
        cmocka_unit_test(no_byte_may_change),
        cmocka_unit_test(another_id_is_no_signature),
        cmocka_unit_test(what_makes_no_response),
    };
    return cmocka_run_group_tests_name("pki_ocsp", tests, begin, end);
}
