/* SPDX-License-Identifier: Apache-2.0
 * Chains: which are good, and what is wrong with those that are not. */
#include "core/pki/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "tests/unit/pki_make.h"

#include <cmocka.h>

#define CA_USAGE "critical,keyCertSign,cRLSign"
#define USE "critical,digitalSignature,nonRepudiation"

static struct pair root, issuing, leaf;

static int make(void **state)
{
    (void)state;
    root = make_cert(NULL, (struct wish){.name = "根", .ca = true, .below = 1, .usage = CA_USAGE});
    issuing = make_cert(&root, (struct wish){.name = "签发", .ca = true, .below = 0, .usage = CA_USAGE});
    leaf = make_cert(&issuing, (struct wish){.name = "单位", .usage = USE});
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_pair(&root);
    free_pair(&issuing);
    free_pair(&leaf);
    return 0;
}

/* A leaf under our root, with these between. */
static enum ch_trust check_among(X509 *cert, X509 *const *between, size_t n, int64_t at, struct ch_chain *chain)
{
    struct ch_trusted given = {&root.cert, 1, between, n};
    return ch_trust_check(&given, cert, at, CH_USE_SIGN, chain);
}

static enum ch_trust check(X509 *cert, int64_t at, struct ch_chain *chain)
{
    return check_among(cert, &issuing.cert, 1, at, chain);
}

static void a_good_chain(void **state)
{
    struct ch_chain chain;
    X509 *with_noise[] = {leaf.cert, root.cert, issuing.cert};

    (void)state;
    assert_int_equal(check(leaf.cert, NOON, &chain), CH_TRUST_OK);
    assert_int_equal(chain.n, 3);
    assert_ptr_equal(chain.link[0], leaf.cert);
    assert_ptr_equal(chain.link[2], root.cert);
    assert_int_equal(check_among(leaf.cert, with_noise, 3, NOON, &chain), CH_TRUST_OK);
    assert_int_equal(check(root.cert, NOON, &chain), CH_TRUST_USE); /* a root signs no documents */
}

static void every_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *name = ((const char *[]){"sm2", "rsa", "p256"})[i];
        struct pair ca =
            make_cert(&root, (struct wish){.algorithm = name, .name = name, .ca = true, .below = 0, .usage = CA_USAGE});
        struct pair one = make_cert(&ca, (struct wish){.algorithm = name, .name = "单位", .usage = USE});
        struct ch_chain chain;
        assert_int_equal(check_among(one.cert, &ca.cert, 1, NOON, &chain), CH_TRUST_OK);
        free_pair(&one);
        free_pair(&ca);
    }
}

static void without_its_issuer(void **state)
{
    struct ch_chain chain;

    (void)state;
    assert_int_equal(check_among(leaf.cert, NULL, 0, NOON, &chain), CH_TRUST_UNKNOWN_ISSUER);
    assert_int_equal(chain.n, 1);
    assert_int_equal(chain.failed, 0);
    struct pair stranger = make_cert(NULL, (struct wish){.name = "根", .ca = true, .below = 1, .usage = CA_USAGE});
    assert_int_equal(check(stranger.cert, NOON, &chain), CH_TRUST_SIGNATURE); /* our root's name, another key */
    free_pair(&stranger);
    stranger = make_cert(NULL, (struct wish){.name = "别处", .usage = USE});
    assert_int_equal(check(stranger.cert, NOON, &chain), CH_TRUST_UNKNOWN_ISSUER);
    free_pair(&stranger);
}

/* A leaf (or an issuer and its leaf) with one thing wrong. */
static void expect_leaf(struct wish w, int64_t at, enum ch_trust result)
{
    struct pair bad = make_cert(&issuing, w);
    struct ch_chain chain;

    assert_int_equal(check(bad.cert, at, &chain), result);
    if (result != CH_TRUST_OK)
        assert_int_equal(chain.failed, 0);
    free_pair(&bad);
}

static void expect_issuer(const struct pair *by, struct wish w, enum ch_trust result, size_t failed)
{
    struct pair ca = make_cert(by, w), one = make_cert(&ca, (struct wish){.name = "单位", .usage = USE});
    struct ch_chain chain;
    X509 *between[] = {ca.cert, issuing.cert};

    assert_int_equal(check_among(one.cert, between, 2, NOON, &chain), result);
    assert_int_equal(chain.failed, failed);
    free_pair(&one);
    free_pair(&ca);
}

static void leaves_that_are_wrong(void **state)
{
    (void)state;
    expect_leaf((struct wish){.name = "a", .usage = USE, .start = NOON - 10, .end = NOON + 10}, NOON, CH_TRUST_OK);
    expect_leaf((struct wish){.name = "a", .usage = USE, .start = NOON - 10, .end = NOON + 10}, NOON + 10, CH_TRUST_OK);
    expect_leaf((struct wish){.name = "a", .usage = USE, .start = NOON - 10, .end = NOON + 10}, NOON + 11, CH_TRUST_EXPIRED);
    expect_leaf((struct wish){.name = "a", .usage = USE, .start = NOON - 10, .end = NOON + 10}, NOON - 11, CH_TRUST_NOT_YET);
    expect_leaf((struct wish){.name = "a"}, NOON, CH_TRUST_OK); /* no keyUsage restricts nothing */
    expect_leaf((struct wish){.name = "a", .usage = "nonRepudiation"}, NOON, CH_TRUST_OK);
    expect_leaf((struct wish){.name = "a", .usage = "keyEncipherment"}, NOON, CH_TRUST_USE);
    expect_leaf((struct wish){.name = "a", .usage = USE, .wrong_key = true}, NOON, CH_TRUST_SIGNATURE);
    expect_leaf((struct wish){.name = "a", .usage = USE, .issuer_name = "签发者"}, NOON, CH_TRUST_UNKNOWN_ISSUER);
    expect_leaf((struct wish){.name = "a", .usage = USE, .extension = "1.2.3.4", .value = "ASN1:UTF8:x"}, NOON, CH_TRUST_OK);
    expect_leaf((struct wish){.name = "a", .usage = USE, .extension = "1.2.3.4", .value = "critical,ASN1:UTF8:x"}, NOON,
                CH_TRUST_CRITICAL);
    expect_leaf((struct wish){.name = "a", .usage = USE, .extension = "extendedKeyUsage", .value = "critical,emailProtection"},
                NOON, CH_TRUST_OK);
}

static void issuers_that_may_not(void **state)
{
    (void)state;
    struct wish good = {.name = "b", .ca = true, .below = -1, .usage = CA_USAGE}, w;

    expect_issuer(&root, good, CH_TRUST_OK, 0);
    w = good, w.ca = false;
    expect_issuer(&root, w, CH_TRUST_NOT_CA, 1);
    w = good, w.usage = USE;
    expect_issuer(&root, w, CH_TRUST_NOT_CA, 1);
    w = good, w.start = NOON - 20, w.end = NOON - 10;
    expect_issuer(&root, w, CH_TRUST_EXPIRED, 1);
    w = good, w.extension = "nameConstraints", w.value = "critical,permitted;DNS:ca.example";
    expect_issuer(&root, w, CH_TRUST_CRITICAL, 1);
    expect_issuer(&issuing, good, CH_TRUST_PATH_LENGTH, 2); /* pathlen 0 allows no issuer below */
}

/* A subscriber makes itself an authority. */
static void a_leaf_as_issuer(void **state)
{
    struct pair forged = make_cert(&leaf, (struct wish){.name = "冒充", .usage = USE});
    X509 *between[] = {leaf.cert, issuing.cert};
    struct ch_chain chain;

    (void)state;
    assert_int_equal(check_among(forged.cert, between, 2, NOON, &chain), CH_TRUST_NOT_CA);
    assert_int_equal(chain.failed, 1);
    free_pair(&forged);
}

static void one_changed_byte(void **state)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_bytes der = ch_cert_der(a, leaf.cert);
    struct ch_chain chain;

    (void)state;
    for (size_t i = 0; i < der.n; i++) {
        unsigned char *copy = (unsigned char *)(uintptr_t)ch_bytes_dup(a, der).p;
        copy[i] ^= 1;
        X509 *cert = ch_cert_read(CH_BYTES(copy, der.n));
        if (cert != NULL)
            assert_int_not_equal(check(cert, NOON, &chain), CH_TRUST_OK);
        X509_free(cert);
    }
    ch_arena_free(a);
}

/* The better of two chains counts, whichever is tried first; a circle of issuers ends the search. */
static void several_ways(void **state)
{
    struct pair old = {NULL, NULL}, x, y;
    struct ch_chain chain;

    (void)state;
    old = make_cert(&root, (struct wish){.name = "签发", .ca = true, .below = 0, .usage = CA_USAGE});
    X509 *both[] = {old.cert, issuing.cert};
    assert_int_equal(check_among(leaf.cert, both, 2, NOON, &chain), CH_TRUST_OK);
    x = make_cert(NULL, (struct wish){.name = "甲", .ca = true, .below = -1, .usage = CA_USAGE, .issuer_name = "乙"});
    y = make_cert(&x, (struct wish){.name = "乙", .ca = true, .below = -1, .usage = CA_USAGE});
    struct pair end = make_cert(&y, (struct wish){.name = "末", .usage = USE});
    X509 *ring[] = {x.cert, y.cert};
    assert_int_not_equal(check_among(end.cert, ring, 2, NOON, &chain), CH_TRUST_OK);
    free_pair(&end);
    free_pair(&y);
    free_pair(&x);
    free_pair(&old);
}

static void words_for_all(void **state)
{
    (void)state;
    for (int i = 0; i < CH_TRUST__COUNT; i++)
        assert_non_null(ch_trust_words((enum ch_trust)i));
    assert_non_null(ch_trust_words(CH_TRUST__COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain),         cmocka_unit_test(every_algorithm),
        cmocka_unit_test(without_its_issuer),   cmocka_unit_test(leaves_that_are_wrong),
        cmocka_unit_test(issuers_that_may_not), cmocka_unit_test(a_leaf_as_issuer),
        cmocka_unit_test(one_changed_byte),     cmocka_unit_test(several_ways),
        cmocka_unit_test(words_for_all),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
