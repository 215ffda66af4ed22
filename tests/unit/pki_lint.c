/* SPDX-License-Identifier: Apache-2.0
 * The lint: what the profiles make has no findings, and each thing done to a certificate is found by its own rule and
 * by no other, under each algorithm. */
#include "core/base/clock.h"
#include "core/pki/certificate.h"
#include "core/pki/der.h"
#include "core/pki/lint.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN "https://hall.example"
#define SITE "https://ca.example"
#define START 1795225500 /* 2026-11-21 */
#define YEAR (365 * 86400L)

static struct ch_arena *a;
static struct ch_profiles *profiles;

static const char *const algorithms[] = {"sm2", "rsa", "p256"};

/* A root and the issuing CA under it, of each algorithm; a key for leaves, one of somebody else. */
static struct family {
    const char *algorithm;
    EVP_PKEY *root_key, *ca_key, *key, *other;
    X509 *root, *ca;
} families[CH_COUNT(algorithms)];

static struct ch_certificate_plan plan_of(const struct family *f, const char *kind)
{
    struct ch_certificate_plan p = {
        .profile = ch_profile_find(profiles, kind),
        .subject = {.unit_name = "广州某某科技有限公司",
                    .unit_code = "91440101MA5CXXXX0X",
                    .person_name = "张三",
                    .business_name = "投标"},
        .serial = {0xff, 0, 1, 2, 3, 4, 5, 6},
        .not_before = START + 1000,
        .not_after = START + YEAR,
        .key = f->key,
        .issuer = f->ca,
        .algorithm = f->algorithm,
        .origin = ORIGIN,
        .site = SITE,
    };
    memset(p.id_hash, 0xab, sizeof p.id_hash);
    return p;
}

static X509 *built(const struct ch_certificate_plan *p)
{
    struct ch_fault f = {0};
    X509 *x = ch_profile_build(p, &f);

    if (x == NULL)
        print_error("%s\n", f.detail);
    assert_non_null(x);
    return x;
}

/* The whole certificate around a body, signed by `key` under the algorithm of `named`. */
static struct ch_bytes signed_der(struct ch_bytes tbs, EVP_PKEY *key, const EVP_PKEY *named)
{
    struct ch_bytes sig;
    unsigned char *der = NULL;
    X509_ALGOR *algorithm = X509_ALGOR_new();

    assert_true(ch_sign(a, key, NULL, tbs, &sig));
    assert_true(ch_alg_enter(algorithm, named));
    int n = i2d_X509_ALGOR(algorithm, &der);
    struct ch_bytes named_der = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    X509_ALGOR_free(algorithm);
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, named_der, ch_der_put_bits(a, sig));
}

static struct ch_bytes body(X509 *x)
{
    unsigned char *der = NULL;
    int n = i2d_re_X509_tbs(x, &der);

    assert_true(n > 0);
    struct ch_bytes tbs = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return tbs;
}

static void enter_algorithm(X509 *x, const EVP_PKEY *key)
{
    assert_true(ch_alg_enter((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(x), key));
}

static X509 *made(const struct ch_certificate_plan *p, EVP_PKEY *key)
{
    X509 *x = built(p);

    enter_algorithm(x, key);
    struct ch_bytes der = signed_der(body(x), key, key);
    X509_free(x);
    return ch_cert_read(der);
}

static struct ch_lint_case case_of(const struct family *f, struct ch_bytes der, const char *kind)
{
    return (struct ch_lint_case){.der = der,
                                 .issuer = f->ca,
                                 .profile = ch_profile_find(profiles, kind),
                                 .algorithm = f->algorithm,
                                 .origin = ORIGIN,
                                 .site = SITE};
}

/* The broken rules as "key_usage policy". */
static const char *findings(const struct ch_lint_case *c)
{
    const struct ch_lint_rule **broken;
    size_t n = ch_lint(a, c, &broken);
    const char *text = "";

    for (size_t i = 0; i < n; i++)
        text = ch_printf(a, "%s%s%s", text, i > 0 ? " " : "", broken[i]->name);
    return text;
}

static void every_profile_is_clean(void **state)
{
    (void)state;
    for (size_t k = 0; k < CH_COUNT(families); k++) {
        const struct family *f = &families[k];
        const struct ch_profile *p;
        for (size_t i = 0; (p = ch_profile_at(profiles, i)) != NULL; i++) {
            struct ch_certificate_plan plan = plan_of(f, p->kind);
            if (p->ca)
                continue;
            if (p->days > 0)
                plan.not_after = plan.not_before + 86400;
            X509 *x = made(&plan, f->ca_key);
            struct ch_lint_case c = case_of(f, ch_cert_der(a, x), p->kind);
            assert_string_equal(findings(&c), "");
            X509_free(x);
        }
        struct ch_lint_case c = {.der = ch_cert_der(a, f->ca),
                                 .issuer = f->root,
                                 .profile = ch_profile_find(profiles, "issuing"),
                                 .algorithm = f->algorithm,
                                 .origin = ORIGIN,
                                 .site = SITE};
        assert_string_equal(findings(&c), "");
        c.profile = NULL;
        assert_string_equal(findings(&c), "");
        c = (struct ch_lint_case){.der = ch_cert_der(a, f->root),
                                  .profile = ch_profile_find(profiles, "root"),
                                  .algorithm = f->algorithm,
                                  .origin = ORIGIN,
                                  .site = SITE};
        assert_string_equal(findings(&c), "");
    }
}

/* --- mutations --- */

/* What a mutation works on. It changes x, or the case, or gives the bytes itself. */
struct patient {
    const struct family *f;
    X509 *x;
    struct ch_lint_case *c;
    struct ch_profile profile; /* a copy, in the case already */
};

static void drop(X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);

    assert_true(at >= 0);
    X509_EXTENSION_free(X509_delete_ext(x, at));
}

static void add(struct patient *p, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, p->f->ca, p->x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(p->x, e, -1), 1);
    X509_EXTENSION_free(e);
}

static void put(struct patient *p, int nid, const char *value)
{
    drop(p->x, nid);
    add(p, nid, value);
}

static int own_place(X509 *x, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    int at = X509_get_ext_by_OBJ(x, o, -1);

    ASN1_OBJECT_free(o);
    return at;
}

static void add_own(X509 *x, const char *oid, bool critical, const char *der, size_t n)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();

    ASN1_OCTET_STRING_set(value, (const unsigned char *)der, (int)n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, o, critical, value);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(o);
}

static void put_own(X509 *x, const char *oid, bool critical, const char *der, size_t n)
{
    X509_EXTENSION_free(X509_delete_ext(x, own_place(x, oid)));
    add_own(x, oid, critical, der, n);
}

#define CODE_OID "1.2.156.10260.4.1.4"
#define HASH_OID "1.3.6.1.4.1.32473.2.1"

// clang-format off
static void version_two(struct patient *p) { X509_set_version(p->x, X509_VERSION_2); }

static void serial_zero(struct patient *p) { ASN1_INTEGER_set_int64(X509_get_serialNumber(p->x), 0); }
static void serial_negative(struct patient *p) { ASN1_INTEGER_set_int64(X509_get_serialNumber(p->x), -5); }
static void serial_long(struct patient *p)
{
    BIGNUM *n = BN_new();

    BN_set_bit(n, 64);
    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(p->x));
    BN_free(n);
}

static void issuer_other(struct patient *p) { X509_set_issuer_name(p->x, X509_get_subject_name(p->f->root)); }

static void name_more(struct patient *p)
{
    X509_NAME_add_entry_by_txt(X509_get_subject_name(p->x), "OU", MBSTRING_UTF8, (const unsigned char *)"x", -1, -1, 0);
}
static void name_order(struct patient *p)
{
    X509_NAME *name = X509_get_subject_name(p->x);
    X509_NAME_ENTRY *e = X509_NAME_delete_entry(name, 1);

    X509_NAME_add_entry(name, e, -1, 0);
    X509_NAME_ENTRY_free(e);
}
static void name_country(struct patient *p)
{
    X509_NAME_ENTRY_set_data(X509_NAME_get_entry(X509_get_subject_name(p->x), 0), V_ASN1_PRINTABLESTRING,
                             (const unsigned char *)"US", 2);
}
static void name_two_in_one(struct patient *p)
{
    X509_NAME *name = X509_get_subject_name(p->x);
    X509_NAME_ENTRY *e = X509_NAME_delete_entry(name, 2);

    X509_NAME_add_entry(name, e, -1, -1); /* into the RDN of the one before */
    X509_NAME_ENTRY_free(e);
}

static void set_entry(struct patient *p, int i, int type, const char *text)
{
    X509_NAME_ENTRY_set_data(X509_NAME_get_entry(X509_get_subject_name(p->x), i), type, (const unsigned char *)text,
                             -1);
}
static void encoding_printable(struct patient *p) { set_entry(p, 1, V_ASN1_PRINTABLESTRING, "ACME"); }
static void encoding_country(struct patient *p) { set_entry(p, 0, V_ASN1_UTF8STRING, "CN"); }

static void name_long(struct patient *p)
{
    char text[66];

    memset(text, 'x', 65);
    text[65] = '\0';
    set_entry(p, 2, V_ASN1_UTF8STRING, text);
}
static void name_empty(struct patient *p) { set_entry(p, 2, V_ASN1_UTF8STRING, ""); }
static void name_hidden(struct patient *p) { set_entry(p, 2, V_ASN1_UTF8STRING, "张\xe2\x80\x8b三"); }
static void name_turned(struct patient *p) { set_entry(p, 1, V_ASN1_UTF8STRING, "\xe2\x80\xae" "公司"); }
static void name_foreign(struct patient *p) { set_entry(p, 2, V_ASN1_UTF8STRING, "Вася"); }
static void name_decomposed(struct patient *p) { set_entry(p, 2, V_ASN1_UTF8STRING, "Mu\xcc\x88ller"); }

static void times_general(struct patient *p)
{
    ASN1_TIME_set_string(X509_getm_notAfter(p->x), "20271121000000Z");
}
static void times_turned(struct patient *p) { ASN1_TIME_set(X509_getm_notAfter(p->x), START + 500); }

static void validity_long(struct patient *p)
{
    p->profile.years = 1;
    ASN1_TIME_set(X509_getm_notAfter(p->x), START + 1000 + YEAR + 3 * 86400);
}
static void validity_before_issuer(struct patient *p) { ASN1_TIME_set(X509_getm_notBefore(p->x), START - 1000); }
static void validity_past_issuer(struct patient *p) { ASN1_TIME_set(X509_getm_notAfter(p->x), START + 4 * YEAR); }

static void set_key(struct patient *p, EVP_PKEY *key)
{
    assert_int_equal(X509_set_pubkey(p->x, key), 1);
    put(p, NID_subject_key_identifier, "hash");
    EVP_PKEY_free(key);
}
static void key_curve(struct patient *p) { set_key(p, EVP_EC_gen("P-384")); }
static void key_short(struct patient *p) { set_key(p, EVP_RSA_gen(1024)); }
static void key_of_others(struct patient *p)
{
    set_key(p, ch_alg_key(strcmp(p->f->algorithm, "p256") == 0 ? "rsa" : "p256"));
}

/* The same key, written another way: a compressed point, or RSA without its NULL. */
static void key_written(struct patient *p)
{
    X509_PUBKEY *key = X509_get_X509_PUBKEY(p->x);
    ASN1_OBJECT *kind, *curve = NULL;
    const unsigned char *bits;
    const void *value;
    X509_ALGOR *algorithm;
    int n, type;

    X509_PUBKEY_get0_param(&kind, &bits, &n, &algorithm, key);
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    bool rsa = strcmp(p->f->algorithm, "rsa") == 0;
    unsigned char *copy = OPENSSL_memdup(bits, (size_t)n);
    if (!rsa) {
        curve = OBJ_dup(value);
        copy[0] = (unsigned char)(2 + (copy[64] & 1));
        n = 33;
    }
    assert_int_equal(X509_PUBKEY_set0_param(key, OBJ_dup(kind), rsa ? V_ASN1_UNDEF : V_ASN1_OBJECT, curve, copy, n), 1);
    put(p, NID_subject_key_identifier, "hash");
}

static void algorithm_inner(struct patient *p)
{
    X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(p->x), OBJ_nid2obj(NID_ecdsa_with_SHA512),
                    V_ASN1_UNDEF, NULL);
}

static void ski_other(struct patient *p)
{
    put(p, NID_subject_key_identifier, "00112233445566778899aabbccddeeff00112233");
}
static void ski_missing(struct patient *p) { drop(p->x, NID_subject_key_identifier); }
static void ski_critical(struct patient *p) { put(p, NID_subject_key_identifier, "critical,hash"); }
static void aki_missing(struct patient *p) { drop(p->x, NID_authority_key_identifier); }
static void aki_more(struct patient *p) { put(p, NID_authority_key_identifier, "keyid:always,issuer:always"); }
static void aki_other(struct patient *p)
{
    drop(p->x, NID_authority_key_identifier);
    add_own(p->x, "2.5.29.35", false, "\x30\x04\x80\x02\xab\xcd", 6);
}
static void usage_soft(struct patient *p) { put(p, NID_key_usage, "digitalSignature,nonRepudiation"); }
static void usage_more(struct patient *p)
{
    put(p, NID_key_usage, "critical,digitalSignature,nonRepudiation,keyAgreement");
}
static void usage_ca(struct patient *p)
{
    put(p, NID_key_usage, "critical,digitalSignature,nonRepudiation,keyCertSign");
}
static void usage_missing(struct patient *p) { drop(p->x, NID_key_usage); }
static void extended_missing(struct patient *p) { drop(p->x, NID_ext_key_usage); }
static void extended_more(struct patient *p) { put(p, NID_ext_key_usage, "clientAuth,emailProtection,OCSPSigning"); }
static void extended_any(struct patient *p) { put(p, NID_ext_key_usage, "anyExtendedKeyUsage"); }
static void constraints_ca(struct patient *p) { put(p, NID_basic_constraints, "CA:TRUE"); }
static void constraints_path(struct patient *p)
{
    drop(p->x, NID_basic_constraints);
    add_own(p->x, "2.5.29.19", false, "\x30\x03\x02\x01\x00", 5);
}
static void constraints_missing(struct patient *p) { drop(p->x, NID_basic_constraints); }
static void policy_other(struct patient *p)
{
    drop(p->x, NID_certificate_policies);
    add_own(p->x, "2.5.29.32", false, "\x30\x0e\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x81\xfd\x59\x01\x09", 16);
}
static void policy_missing(struct patient *p) { drop(p->x, NID_certificate_policies); }
static void policy_address(struct patient *p) { p->c->site = "https://elsewhere.example"; }
static void access_other(struct patient *p) { put(p, NID_info_access, "OCSP;URI:http://evil.example/ocsp"); }
static void access_missing(struct patient *p) { drop(p->x, NID_info_access); }
static void list_other(struct patient *p) { put(p, NID_crl_distribution_points, "URI:" ORIGIN "/crl/ca-other.crl"); }
static void list_missing(struct patient *p) { drop(p->x, NID_crl_distribution_points); }
static void no_check_leaf(struct patient *p) { add(p, NID_id_pkix_OCSP_noCheck, ""); }
static void private_missing(struct patient *p)
{
    X509_EXTENSION_free(X509_delete_ext(p->x, own_place(p->x, CODE_OID)));
}
static void private_critical(struct patient *p) { put_own(p->x, CODE_OID, true, "\x13\x08" "91440101", 10); }
static void private_type(struct patient *p) { put_own(p->x, CODE_OID, false, "\x0c\x08" "91440101", 10); }
static void private_characters(struct patient *p) { put_own(p->x, CODE_OID, false, "\x13\x04" "9@_&", 6); }
static void private_empty(struct patient *p) { put_own(p->x, CODE_OID, false, "\x13\x00", 2); }
static void private_behind(struct patient *p) { put_own(p->x, CODE_OID, false, "\x13\x08" "91440101\x05\x00", 12); }
static void private_long(struct patient *p)
{
    put_own(p->x, CODE_OID, false, "\x13\x21" "0123456789ABCDEF0123456789ABCDEF0", 35);
}
static void private_number(struct patient *p) { put_own(p->x, HASH_OID, false, "\x13\x12" "440101199001011234", 20); }
static void private_short(struct patient *p)
{
    put_own(p->x, HASH_OID, false, "\x04\x1f" "0123456789abcdef0123456789abcde", 33);
}
static void unknown_private(struct patient *p) { add_own(p->x, "1.2.3.4.5", false, "\x05\x00", 2); }
static void unknown_standard(struct patient *p) { add(p, NID_subject_alt_name, "DNS:evil.example"); }
static void twice(struct patient *p) { add_own(p->x, CODE_OID, false, "\x13\x12" "91440101MA5CXXXX0X", 20); }
// clang-format on

static const struct mutation {
    const char *rule;
    void (*change)(struct patient *p);
} mutations[] = {
    {"version", version_two},
    {"serial", serial_zero},
    {"serial", serial_negative},
    {"serial", serial_long},
    {"issuer_name", issuer_other},
    {"name", name_more},
    {"name", name_order},
    {"name", name_country},
    {"name", name_two_in_one},
    {"name_encoding", encoding_printable},
    {"name_encoding", encoding_country},
    {"name_length", name_long},
    {"name_length", name_empty},
    {"name_characters", name_hidden},
    {"name_characters", name_turned},
    {"name_characters", name_foreign},
    {"name_characters", name_decomposed},
    {"times", times_general},
    {"times", times_turned},
    {"validity", validity_long},
    {"issuer_validity", validity_before_issuer},
    {"issuer_validity", validity_past_issuer},
    {"key", key_curve},
    {"key", key_short},
    {"key_algorithm", key_of_others},
    {"key_form", key_written},
    {"signature_algorithm", algorithm_inner},
    {"subject_key_id", ski_other},
    {"subject_key_id", ski_missing},
    {"subject_key_id", ski_critical},
    {"authority_key_id", aki_missing},
    {"authority_key_id", aki_more},
    {"authority_key_id", aki_other},
    {"key_usage", usage_soft},
    {"key_usage", usage_more},
    {"key_usage", usage_ca},
    {"key_usage", usage_missing},
    {"extended_usage", extended_missing},
    {"extended_usage", extended_more},
    {"extended_usage", extended_any},
    {"constraints", constraints_ca},
    {"constraints", constraints_path},
    {"constraints", constraints_missing},
    {"policy", policy_other},
    {"policy", policy_missing},
    {"policy", policy_address},
    {"access", access_other},
    {"access", access_missing},
    {"list_address", list_other},
    {"list_address", list_missing},
    {"no_check", no_check_leaf},
    {"private", private_missing},
    {"private", private_critical},
    {"private", private_type},
    {"private", private_characters},
    {"private", private_empty},
    {"private", private_behind},
    {"private", private_long},
    {"private", private_number},
    {"private", private_short},
    {"unknown_extension", unknown_private},
    {"unknown_extension", unknown_standard},
    {"extension_twice", twice},
};

static void each_mutation_is_found_by_its_rule(void **state)
{
    (void)state;
    for (size_t k = 0; k < CH_COUNT(families); k++)
        for (size_t i = 0; i < CH_COUNT(mutations); i++) {
            const struct family *f = &families[k];
            struct ch_certificate_plan plan = plan_of(f, "holder");
            struct ch_lint_case c = case_of(f, CH_LIT(""), "holder");
            struct patient p = {.f = f, .x = built(&plan), .c = &c, .profile = *c.profile};
            c.profile = &p.profile;
            enter_algorithm(p.x, f->ca_key);
            mutations[i].change(&p);
            c.der = signed_der(body(p.x), f->ca_key, f->ca_key);
            if (strcmp(findings(&c), mutations[i].rule) != 0)
                print_error("%s, mutation %zu\n", f->algorithm, i);
            assert_string_equal(findings(&c), mutations[i].rule);
            X509_free(p.x);
        }
}

/* --- what OpenSSL's writer does not write --- */

static struct ch_bytes good_body(const struct family *f)
{
    struct ch_certificate_plan plan = plan_of(f, "holder");
    X509 *x = built(&plan);

    enter_algorithm(x, f->ca_key);
    struct ch_bytes tbs = body(x);
    X509_free(x);
    return tbs;
}

/* Content of the body with `extra` put in at `at`. */
static struct ch_bytes body_with(struct ch_bytes content, size_t at, struct ch_bytes extra)
{
    return CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_BYTES(content.p, at), extra, CH_BYTES(content.p + at, content.n - at));
}

static struct ch_bytes content_of(struct ch_bytes tbs)
{
    struct ch_der d = ch_der_open(tbs);

    return ch_der_take(&d, CH_DER_SEQUENCE);
}

static const char *findings_of(const struct family *f, struct ch_bytes der)
{
    struct ch_lint_case c = case_of(f, der, "holder");

    return findings(&c);
}

static void bytes_that_no_writer_makes(void **state)
{
    (void)state;
    for (size_t k = 0; k < CH_COUNT(families); k++) {
        const struct family *f = &families[k];
        struct ch_bytes content = content_of(good_body(f));
        /* a unique id before the extensions, which are the last element */
        struct ch_der d = ch_der_open(content);
        size_t last = 0;
        while (ch_der_peek(&d) != 0) {
            last = content.n - d.rest.n;
            ch_der_whole(&d, ch_der_peek(&d));
        }
        struct ch_bytes with_id = body_with(content, last, CH_LIT("\x81\x02\x00\xab"));
        assert_string_equal(findings_of(f, signed_der(with_id, f->ca_key, f->ca_key)), "unique_id");
        /* a length that takes one byte more than it must: the version's */
        assert_memory_equal(content.p, "\xa0\x03\x02\x01\x02", 5);
        struct ch_bytes longer = body_with(CH_BYTES(content.p + 5, content.n - 5), 0, CH_LIT("\xa0\x04\x02\x81\x01\x02"));
        assert_string_equal(findings_of(f, signed_der(longer, f->ca_key, f->ca_key)), "der");
    }
}

static void signatures(void **state)
{
    (void)state;
    for (size_t k = 0; k < CH_COUNT(families); k++) {
        const struct family *f = &families[k];
        struct ch_bytes tbs = good_body(f), der = signed_der(tbs, f->ca_key, f->ca_key);
        assert_string_equal(findings_of(f, der), "");
        assert_string_equal(findings_of(f, signed_der(tbs, f->other, f->ca_key)), "signature");
        const struct family *g = &families[(k + 1) % CH_COUNT(families)];
        assert_string_equal(findings_of(f, signed_der(tbs, f->ca_key, g->ca_key)), "signature_algorithm");
        assert_string_equal(findings_of(f, CH_BYTES(der.p, der.n - 1)), "readable");
        assert_string_equal(findings_of(f, CH_LIT("")), "readable");
        unsigned char *more = ch_alloc(a, der.n + 1);
        memcpy(more, der.p, der.n);
        assert_string_equal(findings_of(f, CH_BYTES(more, der.n + 1)), "readable");
    }
    /* SM2 under the empty id, as OpenSSL's own functions sign it */
    const struct family *f = &families[0];
    struct ch_bytes sig, tbs = good_body(f);
    assert_true(ch_sign(a, f->ca_key, "", tbs, &sig));
    struct ch_bytes named = CH_LIT("\x30\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75");
    assert_string_equal(findings_of(f, CH_DER_JOIN(a, CH_DER_SEQUENCE, tbs, named, ch_der_put_bits(a, sig))), "signature");
}

/* A certificate is compared with the row of another kind, and the differences are found. */
static void other_kinds(void **state)
{
    const struct family *f = &families[0];
    struct ch_certificate_plan plan = plan_of(f, "institution");
    X509 *x = made(&plan, f->ca_key);
    struct ch_lint_case c = case_of(f, ch_cert_der(a, x), "institution_encryption");

    (void)state;
    assert_string_equal(findings(&c), "key_usage extended_usage");
    c.profile = ch_profile_find(profiles, "business");
    assert_string_equal(findings(&c), "name policy");
    c.profile = ch_profile_find(profiles, "issuing");
    assert_string_equal(findings(&c), "key_usage extended_usage constraints policy access list_address unknown_extension");
    c.profile = ch_profile_find(profiles, "institution");
    c.issuer = f->root; /* swapped */
    assert_string_equal(findings(&c), "issuer_name signature authority_key_id");
    c.issuer = families[1].ca;
    assert_string_equal(findings(&c), "key_algorithm signature_algorithm signature authority_key_id");
    X509_free(x);
}

static bool is_tried(const char *rule)
{
    static const char *const elsewhere[] = {"readable", "der", "unique_id", "signature"};

    for (size_t i = 0; i < CH_COUNT(elsewhere); i++)
        if (strcmp(elsewhere[i], rule) == 0)
            return true;
    for (size_t i = 0; i < CH_COUNT(mutations); i++)
        if (strcmp(mutations[i].rule, rule) == 0)
            return true;
    return false;
}

static void every_rule_is_tried(void **state)
{
    const struct ch_lint_rule *r;

    (void)state;
    for (size_t i = 0; (r = ch_lint_rule_at(i)) != NULL; i++) {
        if (!is_tried(r->name))
            print_error("%s\n", r->name);
        assert_true(is_tried(r->name));
        assert_ptr_equal(ch_lint_rule_find(r->name), r);
    }
    assert_null(ch_lint_rule_find("nothing"));
}

static void make_family(struct family *f, const char *algorithm)
{
    *f = (struct family){.algorithm = algorithm,
                         .root_key = ch_alg_key(algorithm),
                         .ca_key = ch_alg_key(algorithm),
                         .key = ch_alg_key(algorithm),
                         .other = ch_alg_key(algorithm)};
    struct ch_certificate_plan p = plan_of(f, "root");
    p.issuer = NULL;
    p.not_before = START;
    p.not_after = START + 10 * YEAR;
    p.key = f->root_key;
    f->root = made(&p, f->root_key);
    p = plan_of(f, "issuing");
    p.issuer = f->root;
    p.subject.person_name = "签发";
    p.not_before = START;
    p.not_after = START + 3 * YEAR;
    p.key = f->ca_key;
    f->ca = made(&p, f->root_key);
}

static int begin(void **state)
{
    const char *top = getenv("TOP_SRCDIR");
    struct ch_fault f = {0};

    (void)state;
    a = ch_arena_new();
    if (ch_profiles_load(ch_printf(a, "%s/core/pki/profiles.json", top != NULL ? top : "."), &profiles, &f) != CH_OK)
        return -1;
    for (size_t i = 0; i < CH_COUNT(families); i++)
        make_family(&families[i], algorithms[i]);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(families); i++) {
        struct family *f = &families[i];
        EVP_PKEY_free(f->root_key), EVP_PKEY_free(f->ca_key), EVP_PKEY_free(f->key), EVP_PKEY_free(f->other);
        X509_free(f->root), X509_free(f->ca);
    }
    ch_profiles_free(profiles);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_is_clean),
        cmocka_unit_test(each_mutation_is_found_by_its_rule),
        cmocka_unit_test(bytes_that_no_writer_makes),
        cmocka_unit_test(signatures),
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(every_rule_is_tried),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
