/* SPDX-License-Identifier: Apache-2.0
 * Revocation lists: what stands in them, and everything that must not pass for one. */
#include "core/pki/crl.h"

#include "tests/unit/pki_make.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CA_USAGE "critical,keyCertSign,cRLSign"
#define NOTHING CH_BYTES("", 0)

static struct ch_arena *a;
static const char *const names[] = {"sm2", "rsa", "p256"};

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

static struct pair issuer(const char *algorithm)
{
    return make_cert(NULL,
                     (struct wish){.algorithm = algorithm, .name = "签发", .ca = true, .below = -1, .usage = CA_USAGE});
}

/* Out of order, of all kinds; one serial number begins with a high bit, one has twenty bytes. */
static const struct ch_crl_entry entries[] = {
    {"FFEEDDCCBBAA9988", NOON - 100, "key_compromise", NOON - 5000},
    {"1122334455667788", NOON - 90, "hold", 0},
    {"00000000000000AB", NOON - 80, "unspecified", 0},
    {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", NOON - 70, "superseded", 0},
    {"712C1B5A584A1BBE", NOON - 60, "privilege_withdrawn", 0},
};

static struct ch_crl_plan plan_of(const struct pair *ca)
{
    return (struct ch_crl_plan){.issuer = ca->cert,
                                .number = 300,
                                .this_update = NOON,
                                .next_update = NOON + 2 * DAY,
                                .delta_url = "http://hall.example/crl/ca-sm2-delta.crl",
                                .entries = entries,
                                .n = CH_COUNT(entries)};
}

static struct ch_bytes make(const struct ch_crl_plan *plan, EVP_PKEY *key)
{
    struct ch_bytes tbs, der;

    assert_true(ch_crl_fix(a, plan, key, &tbs));
    assert_true(ch_alg_signed_make(a, tbs, key, NOTHING, &der));
    return der;
}

static X509_CRL *made(const struct ch_crl_plan *plan, EVP_PKEY *key)
{
    X509_CRL *crl = ch_crl_read(make(plan, key));

    assert_non_null(crl);
    return crl;
}

static void a_list_of_each_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++) {
        struct pair ca = issuer(names[i]), other = issuer(names[i]);
        struct ch_crl_plan plan = plan_of(&ca);
        X509_CRL *crl = made(&plan, ca.key);

        assert_true(ch_crl_verify(crl, ca.cert));
        assert_false(ch_crl_verify(crl, other.cert)); /* of the same name */
        assert_int_equal(ch_crl_number(crl), 300);
        assert_int_equal(ch_crl_base(crl), 0);
        assert_int_equal(ch_crl_start(crl), NOON);
        assert_int_equal(ch_crl_end(crl), NOON + 2 * DAY);
        X509_CRL_free(crl);
        free_pair(&ca);
        free_pair(&other);
    }
}

static void entries_are_found_with_what_they_say(void **state)
{
    struct pair ca = issuer("sm2");
    struct ch_crl_plan plan = plan_of(&ca);
    X509_CRL *crl = made(&plan, ca.key);
    struct ch_crl_entry found;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(entries); i++) {
        assert_true(ch_crl_find(crl, entries[i].serial, &found));
        assert_string_equal(found.serial, entries[i].serial);
        assert_string_equal(found.reason, entries[i].reason);
        assert_int_equal(found.revoked_at, entries[i].revoked_at);
        assert_int_equal(found.invalid_since, entries[i].invalid_since);
    }
    assert_true(ch_crl_find(crl, "ab", &found));
    assert_false(ch_crl_find(crl, "712C1B5A584A1BBF", &found));
    assert_false(ch_crl_find(crl, "no number", &found));
    X509_CRL_free(crl);
    free_pair(&ca);
}

/* The entries are sorted by number, whatever their order was; "unspecified" is written as no reason. */
static void entries_are_sorted(void **state)
{
    struct pair ca = issuer("p256");
    struct ch_crl_plan plan = plan_of(&ca);
    X509_CRL *crl = made(&plan, ca.key);
    STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(crl);

    (void)state;
    assert_int_equal(sk_X509_REVOKED_num(list), CH_COUNT(entries));
    for (int i = 1; i < sk_X509_REVOKED_num(list); i++)
        assert_true(ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(list, i - 1)),
                                     X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(list, i))) < 0);
    assert_int_equal(X509_REVOKED_get_ext_count(sk_X509_REVOKED_value(list, 0)), 0);
    X509_CRL_free(crl);
    free_pair(&ca);
}

static void an_empty_list(void **state)
{
    struct pair ca = issuer("sm2");
    struct ch_crl_plan plan = {.issuer = ca.cert, .number = 1, .this_update = NOON, .next_update = NOON + DAY};
    X509_CRL *crl = made(&plan, ca.key);
    struct ch_crl_entry found;

    (void)state;
    assert_true(ch_crl_verify(crl, ca.cert));
    assert_null(X509_CRL_get_REVOKED(crl)); /* left out, not empty (RFC 5280, 5.1.2.6) */
    assert_false(ch_crl_find(crl, "712C1B5A584A1BBE", &found));
    assert_int_equal(X509_CRL_get_ext_by_NID(crl, NID_freshest_crl, -1), -1);
    X509_CRL_free(crl);
    free_pair(&ca);
}

static void a_delta_list(void **state)
{
    struct pair ca = issuer("sm2");
    const struct ch_crl_entry changed[] = {{"712C1B5A584A1BBE", NOON, "remove", 0}};
    struct ch_crl_plan plan = {.issuer = ca.cert,
                               .number = 301,
                               .base = 290,
                               .this_update = NOON,
                               .next_update = NOON + DAY,
                               .entries = changed,
                               .n = 1};
    X509_CRL *crl = made(&plan, ca.key);
    int at = X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1);
    struct ch_crl_entry found;

    (void)state;
    assert_true(ch_crl_verify(crl, ca.cert));
    assert_int_equal(ch_crl_base(crl), 290);
    assert_true(X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, at)));
    assert_true(ch_crl_find(crl, "712C1B5A584A1BBE", &found));
    assert_string_equal(found.reason, "remove");
    X509_CRL_free(crl);
    free_pair(&ca);
}

static void the_full_list_says_where_the_delta_is(void **state)
{
    struct pair ca = issuer("sm2");
    struct ch_crl_plan plan = plan_of(&ca);
    X509_CRL *crl = made(&plan, ca.key);
    CRL_DIST_POINTS *points = X509_CRL_get_ext_d2i(crl, NID_freshest_crl, NULL, NULL);

    (void)state;
    assert_non_null(points);
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(sk_DIST_POINT_value(points, 0)->distpoint->name.fullname, 0);
    assert_int_equal(name->type, GEN_URI);
    assert_string_equal((const char *)name->d.ia5->data, plan.delta_url);
    CRL_DIST_POINTS_free(points);
    X509_CRL_free(crl);
    free_pair(&ca);
}

static void times_behind_2049(void **state)
{
    struct pair ca = issuer("p256");
    struct ch_crl_plan plan = {
        .issuer = ca.cert, .number = 1, .this_update = INT64_C(2524607999), .next_update = INT64_C(2524608000)};
    X509_CRL *crl = made(&plan, ca.key);

    (void)state;
    assert_int_equal(X509_CRL_get0_lastUpdate(crl)->type, V_ASN1_UTCTIME);
    assert_int_equal(X509_CRL_get0_nextUpdate(crl)->type, V_ASN1_GENERALIZEDTIME);
    assert_int_equal(ch_crl_end(crl), plan.next_update);
    X509_CRL_free(crl);
    free_pair(&ca);
}

static void what_makes_no_list(void **state)
{
    static const char *const no_serials[] = {
        "", "0", "0000000000000000", "12G4", "-12", "80", "800000000000000000000000000000000000000000"};
    struct pair ca = issuer("p256");
    EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct ch_crl_plan plan = plan_of(&ca);
    struct ch_bytes tbs;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(no_serials); i++) {
        struct ch_crl_entry entry = {no_serials[i], NOON, "hold", 0};
        plan.entries = &entry;
        plan.n = 1;
        assert_int_equal(ch_crl_fix(a, &plan, ca.key, &tbs), strcmp(no_serials[i], "80") == 0);
    }
    plan.entries = &(struct ch_crl_entry){"12", NOON, "stolen", 0};
    assert_false(ch_crl_fix(a, &plan, ca.key, &tbs));
    plan = plan_of(&ca);
    assert_false(ch_crl_fix(a, &plan, ed, &tbs));
    plan.number = 0;
    assert_false(ch_crl_fix(a, &plan, ca.key, &tbs));
    EVP_PKEY_free(ed);
    free_pair(&ca);
}

static bool passes(struct ch_bytes der, X509 *by)
{
    X509_CRL *crl = ch_crl_read(der);
    bool good = crl != NULL && ch_crl_verify(crl, by);

    X509_CRL_free(crl);
    return good;
}

static void no_byte_may_change(void **state)
{
    struct pair ca = issuer("sm2");
    struct ch_crl_plan plan = plan_of(&ca);
    struct ch_bytes der = make(&plan, ca.key), copy = ch_bytes_dup(a, der);
    unsigned char *p = (unsigned char *)(uintptr_t)copy.p;

    (void)state;
    assert_true(passes(der, ca.cert));
    for (size_t i = 0; i < der.n; i++) {
        p[i] ^= 1;
        assert_false(passes(copy, ca.cert));
        p[i] ^= 1;
        assert_false(passes(CH_BYTES(der.p, i), ca.cert)); /* cut off */
    }
    assert_false(passes(CH_DER_JOIN(a, CH_DER_SEQUENCE, der), ca.cert));
    free_pair(&ca);
}

static void bytes_behind_the_end(void **state)
{
    struct pair ca = issuer("p256");
    struct ch_crl_plan plan = plan_of(&ca);
    struct ch_bytes der = make(&plan, ca.key);
    unsigned char *longer = ch_alloc(a, der.n + 1);

    (void)state;
    memcpy(longer, der.p, der.n);
    assert_null(ch_crl_read(CH_BYTES(longer, der.n + 1)));
    free_pair(&ca);
}

static struct ch_bytes with_signature(struct ch_bytes tbs, EVP_PKEY *key, const char *id)
{
    struct ch_bytes sig;

    assert_true(ch_sign(a, key, id, tbs, &sig));
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, ch_alg_der(a, key), ch_der_put_bits(a, sig));
}

static void another_id_is_no_signature(void **state)
{
    struct pair ca = issuer("sm2");
    struct ch_crl_plan plan = plan_of(&ca);
    struct ch_bytes tbs;

    (void)state;
    assert_true(ch_crl_fix(a, &plan, ca.key, &tbs));
    assert_true(passes(with_signature(tbs, ca.key, CH_SM2_ID), ca.cert));
    assert_false(passes(with_signature(tbs, ca.key, ""), ca.cert)); /* what X509_CRL_sign would make */
    assert_false(passes(with_signature(tbs, ca.key, "1234567812345679"), ca.cert));
    free_pair(&ca);
}

static void the_algorithm_inside_is_the_one_outside(void **state)
{
    struct pair ca = issuer("sm2"), rsa = issuer("rsa");
    struct ch_crl_plan plan = plan_of(&ca);
    struct ch_bytes tbs;

    (void)state;
    assert_true(ch_crl_fix(a, &plan, rsa.key, &tbs)); /* says RSA, signed with SM2 */
    assert_false(passes(with_signature(tbs, ca.key, NULL), ca.cert));
    free_pair(&ca);
    free_pair(&rsa);
}

static void who_may_not_sign_lists(void **state)
{
    struct pair ca =
        make_cert(NULL, (struct wish){.name = "签发", .ca = true, .below = -1, .usage = "critical,keyCertSign"});
    struct pair named = make_cert(NULL, (struct wish){.name = "另一个", .ca = true, .below = -1, .usage = CA_USAGE});
    struct ch_crl_plan plan = plan_of(&ca);

    (void)state;
    assert_false(passes(make(&plan, ca.key), ca.cert));
    plan.issuer = named.cert; /* in another's name */
    assert_false(passes(make(&plan, ca.key), ca.cert));
    free_pair(&ca);
    free_pair(&named);
}

static void reasons_have_one_number_each(void **state)
{
    static const char *const words[] = {"unspecified", "key_compromise",     "affiliation_changed",
                                        "superseded",  "cessation",          "hold",
                                        "remove",      "privilege_withdrawn"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(words); i++)
        assert_string_equal(ch_crl_reason_word(ch_crl_reason_code(words[i])), words[i]);
    assert_int_equal(ch_crl_reason_code("keyCompromise"), -1);
    assert_null(ch_crl_reason_word(2)); /* cACompromise: not a leaf's */
    assert_null(ch_crl_reason_word(7)); /* not used by the standard */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_each_algorithm),
        cmocka_unit_test(entries_are_found_with_what_they_say),
        cmocka_unit_test(entries_are_sorted),
        cmocka_unit_test(an_empty_list),
        cmocka_unit_test(a_delta_list),
        cmocka_unit_test(the_full_list_says_where_the_delta_is),
        cmocka_unit_test(times_behind_2049),
        cmocka_unit_test(what_makes_no_list),
        cmocka_unit_test(no_byte_may_change),
        cmocka_unit_test(bytes_behind_the_end),
        cmocka_unit_test(another_id_is_no_signature),
        cmocka_unit_test(the_algorithm_inside_is_the_one_outside),
        cmocka_unit_test(who_may_not_sign_lists),
        cmocka_unit_test(reasons_have_one_number_each),
    };
    return cmocka_run_group_tests_name("pki_crl", tests, begin, end);
}
