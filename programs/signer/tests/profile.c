/* SPDX-License-Identifier: Apache-2.0
 * Each row of the profile table: a certificate is made by it, read back from its DER, and held against what GM/T 0015,
 * GB/T 20518 and RFC 5280 want, written down here once more and independently of the table. */
#include "programs/signer/tests/folder.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "programs/signer/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <openssl/x509v3.h>

#include <cmocka.h>

#define ARC "1.3.6.1.4.1.32473"
#define CODE "91440101MA5CXXXX0X"

static struct ch_arena *a;
static struct hierarchy ca;

/* The expected certificate of a kind. */
static const struct expected {
    const char *kind, *subject, *policy;
    bool code, hash;
} table[] = {
    {"institution", "C=CN,O=广州某某科技有限公司,CN=广州某某科技有限公司", ARC ".1.1", true, false},
    {"holder", "C=CN,O=广州某某科技有限公司,CN=张三", ARC ".1.2", true, true},
    {"natural", "C=CN,CN=张三", ARC ".1.3", false, true},
};

static struct ch_certificate_plan plan_of(const char *kind)
{
    struct ch_certificate_plan p = {
        .profile = ch_profile_find(folder_authority.profiles, kind),
        .subject = {"广州某某科技有限公司", CODE, "张三", "440101199001011234"},
        .serial = {0xff, 0, 1, 2, 3, 4, 5, 6},
        .not_before = 1795225500,
        .origin = "https://hall.example,DNS:evil", /* commas and colons are plain text here */
        .site = "https://ca.example",
    };
    memset(p.id_hash, 0xab, sizeof p.id_hash);
    p.not_after = issue_end(p.not_before, 3, ca.ca);
    return p;
}

/* Signs the certificate and reads it back from its bytes. */
static X509 *made(struct ch_certificate_plan *p)
{
    struct ch_fault f = {0};
    struct issue i;

    assert_int_equal(issue_prepare(&ca, p, &i, &f), CH_OK);
    assert_int_equal(issue_sign(&ca, &i, &f), CH_OK);
    X509 *x = ch_cert_read(ch_cert_der(a, i.cert));
    issue_free(&i);
    p->key = NULL; /* the next one gets a key of its own */
    assert_non_null(x);
    return x;
}

static int position(const X509 *x, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    int at = X509_get_ext_by_OBJ(x, o, -1);

    ASN1_OBJECT_free(o);
    return at;
}

static void lint_private(const X509 *x, const char *oid, bool wanted, const char *der, size_t n)
{
    int at = position(x, oid);

    assert_int_equal(at >= 0, wanted);
    if (!wanted)
        return;
    X509_EXTENSION *e = X509_get_ext(x, at);
    assert_false(X509_EXTENSION_get_critical(e));
    const ASN1_OCTET_STRING *v = X509_EXTENSION_get_data(e);
    assert_int_equal(ASN1_STRING_length(v), n);
    assert_memory_equal(ASN1_STRING_get0_data(v), der, n);
}

static void lint_policy(const X509 *x, const char *oid)
{
    char text[80];
    CERTIFICATEPOLICIES *list = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);

    assert_int_equal(sk_POLICYINFO_num(list), 1);
    const POLICYINFO *info = sk_POLICYINFO_value(list, 0);
    OBJ_obj2txt(text, sizeof text, info->policyid, 1);
    assert_string_equal(text, oid);
    const POLICYQUALINFO *q = sk_POLICYQUALINFO_value(info->qualifiers, 0);
    assert_string_equal((const char *)ASN1_STRING_get0_data(q->d.cpsuri), "https://ca.example");
    CERTIFICATEPOLICIES_free(list);
}

static void lint_usage(X509 *x)
{
    int critical;
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(x, NID_key_usage, &critical, NULL);

    assert_int_equal(critical, 1);
    ASN1_BIT_STRING_free(usage);
    assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
    assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_CLIENT | XKU_SMIME);
    assert_false(X509_get_extension_flags(x) & EXFLAG_CA);
    assert_true(X509_get_extension_flags(x) & EXFLAG_BCONS);
}

static void lint_pointers(const X509 *x, const char *algorithm)
{
    AUTHORITY_INFO_ACCESS *list = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    CRL_DIST_POINTS *crl = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);

    assert_int_equal(sk_ACCESS_DESCRIPTION_num(list), 2);
    assert_string_equal((const char *)ASN1_STRING_get0_data(sk_ACCESS_DESCRIPTION_value(list, 0)->location->d.ia5),
                        "https://hall.example,DNS:evil/ocsp");
    assert_string_equal((const char *)ASN1_STRING_get0_data(sk_ACCESS_DESCRIPTION_value(list, 1)->location->d.ia5),
                        ch_printf(a, "https://hall.example,DNS:evil/crl/ca-%s.cer", algorithm));
    assert_int_equal(sk_DIST_POINT_num(crl), 1);
    const GENERAL_NAMES *names = sk_DIST_POINT_value(crl, 0)->distpoint->name.fullname;
    assert_string_equal((const char *)ASN1_STRING_get0_data(sk_GENERAL_NAME_value(names, 0)->d.ia5),
                        ch_printf(a, "https://hall.example,DNS:evil/crl/ca-%s.crl", algorithm));
    AUTHORITY_INFO_ACCESS_free(list);
    CRL_DIST_POINTS_free(crl);
}

static void lint_ids(X509 *x)
{
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(x), *issuer = X509_get0_authority_key_id(x);

    assert_int_equal(ASN1_STRING_length(own), 20);
    assert_int_equal(ASN1_OCTET_STRING_cmp(issuer, X509_get0_subject_key_id(ca.ca)), 0);
}

/* C is a PrintableString, the rest UTF8String, C first. */
static void lint_name(X509 *x, const char *subject)
{
    X509_NAME *name = X509_get_subject_name(x);
    int n = X509_NAME_entry_count(name);

    assert_string_equal(ch_cert_subject(a, x), subject);
    for (int i = 0; i < n; i++) {
        int type = ASN1_STRING_type(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
        assert_int_equal(type, i == 0 ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING);
    }
    assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(ca.ca)), 0);
}

static void lint(X509 *x, const struct expected *e)
{
    assert_int_equal(X509_get_version(x), X509_VERSION_3);
    lint_name(x, e->subject);
    lint_usage(x);
    lint_ids(x);
    lint_policy(x, e->policy);
    lint_pointers(x, ca.algorithm);
    lint_private(x, "1.2.156.10260.4.1.4", e->code, "\x13\x12" CODE, 20);
    lint_private(x, ARC ".2.1", e->hash,
                 "\x04\x20\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab"
                 "\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab",
                 34);
    assert_int_equal(X509_get_ext_count(x), 8 + e->code + e->hash);
    for (int i = 0; i < X509_get_ext_count(x); i++) /* nothing twice */
        assert_int_equal(X509_get_ext_by_OBJ(x, X509_EXTENSION_get_object(X509_get_ext(x, i)), i), -1);
}

static void every_row_makes_what_it_says(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    for (size_t k = 0; k < CH_COUNT(folder_algorithms); k++) {
        assert_int_equal(hierarchy_load(folder, folder_algorithms[k], &ca, &f), CH_OK);
        for (size_t i = 0; i < CH_COUNT(table); i++) {
            struct ch_certificate_plan p = plan_of(table[i].kind);
            X509 *x = made(&p);
            lint(x, &table[i]);
            X509_free(x);
        }
        hierarchy_free(&ca);
    }
}

static void algorithms_of_sm2(void **state)
{
    struct ch_fault f = {0};
    char text[40];
    ASN1_OBJECT *algorithm;
    const ASN1_OBJECT *curve;
    int kind;
    X509_ALGOR *spki;

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    struct ch_certificate_plan p = plan_of("natural");
    X509 *x = made(&p);
    OBJ_obj2txt(text, sizeof text, X509_get0_tbs_sigalg(x)->algorithm, 1);
    assert_string_equal(text, "1.2.156.10197.1.501");
    assert_null(X509_get0_tbs_sigalg(x)->parameter);
    assert_int_equal(X509_PUBKEY_get0_param(&algorithm, NULL, NULL, &spki, X509_get_X509_PUBKEY(x)), 1);
    OBJ_obj2txt(text, sizeof text, algorithm, 1);
    assert_string_equal(text, "1.2.840.10045.2.1");
    X509_ALGOR_get0(NULL, &kind, (const void **)&curve, spki);
    OBJ_obj2txt(text, sizeof text, curve, 1);
    assert_string_equal(text, "1.2.156.10197.1.301");
    X509_free(x);
    hierarchy_free(&ca);
}

static enum ch_err refused(const struct ch_certificate_plan *base)
{
    struct ch_certificate_plan p = *base;
    struct ch_fault f = {0};
    struct issue i;
    enum ch_err e = issue_prepare(&ca, &p, &i, &f);

    assert_int_not_equal(e, CH_OK);
    assert_null(strstr(f.detail, "张三")); /* the log learns no names */
    return e;
}

static void subjects_that_do_not_fit(void **state)
{
    struct ch_fault f = {0};
    char name[3 * 65 + 1] = "";

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    struct ch_certificate_plan p = plan_of("holder");
    p.subject.unit_code = "9144 0101";
    assert_int_equal(refused(&p), CH_E_INVALID);
    p.subject.unit_code = NULL;
    assert_int_equal(refused(&p), CH_E_INVALID);
    p = plan_of("holder");
    p.subject.person_name = NULL;
    assert_int_equal(refused(&p), CH_E_INVALID);
    p.subject.person_name = "";
    assert_int_equal(refused(&p), CH_E_INVALID);
    for (int i = 0; i < 64; i++)
        strcat(name, "张");
    p.subject.person_name = name; /* 64 characters fit */
    X509_free(made(&p));
    strcat(name, "张");
    assert_int_equal(refused(&p), CH_E_INVALID);
    p.subject.person_name = "\xff\xfe"; /* no UTF-8 */
    assert_int_equal(refused(&p), CH_E_INVALID);
    hierarchy_free(&ca);
    assert_null(ch_profile_find(folder_authority.profiles, "server"));
}

/* The signer checks the stored names again: no invisible character may be in a name. */
static void names_with_something_hidden(void **state)
{
    static const char *const hidden[] = {
        "张\xe2\x80\x8b三",         /* U+200B, zero width */
        "\xe2\x80\xae张三",         /* U+202E, right to left */
        "Mu\xcc\x88ller",           /* not in normalization form C */
        "张三\n李四",       "Вася", /* Cyrillic */
    };
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    for (size_t i = 0; i < CH_COUNT(hidden); i++) {
        struct ch_certificate_plan person = plan_of("natural"), unit = plan_of("institution");
        person.subject.person_name = hidden[i];
        assert_int_equal(refused(&person), CH_E_INVALID);
        unit.subject.unit_name = hidden[i];
        assert_int_equal(refused(&unit), CH_E_INVALID);
    }
    hierarchy_free(&ca);
}

/* A text that people write is a value, even if it looks like syntax. */
static void names_are_no_language(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    struct ch_certificate_plan p = plan_of("natural");
    p.subject.person_name = "张三/O=假单位,CN=李四+OU=x";
    X509 *x = made(&p);
    X509_NAME *name = X509_get_subject_name(x);
    assert_int_equal(X509_NAME_entry_count(name), 2);
    const ASN1_STRING *cn = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 1));
    assert_string_equal((const char *)ASN1_STRING_get0_data(cn), p.subject.person_name);
    X509_free(x);
    hierarchy_free(&ca);
}

static void validity(void **state)
{
    struct ch_fault f = {0};
    int64_t start = ch_parse_rfc3339("2026-11-21T10:00:00+08:00");

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    assert_string_equal(ch_rfc3339(a, issue_end(start, 5, ca.ca)), "2031-11-21T09:59:59+08:00");
    start = ch_parse_rfc3339("2028-02-29T00:30:00+08:00"); /* a day earlier in UTC */
    assert_string_equal(ch_rfc3339(a, issue_end(start, 1, ca.ca)), "2029-03-01T00:29:59+08:00");
    assert_string_equal(ch_rfc3339(a, issue_end(start, 4, ca.ca)), "2032-02-29T00:29:59+08:00");
    int64_t last = issue_end(start, 100, ca.ca);
    struct tm tm;
    ASN1_TIME_to_tm(X509_get0_notAfter(ca.ca), &tm);
    assert_int_equal(last, timegm(&tm)); /* never past the issuer */
    hierarchy_free(&ca);
}

static void serial_numbers(void **state)
{
    unsigned char serial[CH_SERIAL_BYTES], again[CH_SERIAL_BYTES];
    struct ch_fault f = {0};

    (void)state;
    issue_serial(serial);
    char *text = issue_serial_text(a, serial);
    assert_int_equal(strspn(text, "0123456789ABCDEF"), 16);
    assert_true(issue_serial_read(text, again));
    assert_memory_equal(serial, again, CH_SERIAL_BYTES);
    assert_false(issue_serial_read("00", again));
    assert_false(issue_serial_read("00112233445566778", again));
    assert_false(issue_serial_read("001122334455667X", again));
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    struct ch_certificate_plan p = plan_of("natural"); /* the highest bit is set: still positive */
    X509 *x = made(&p);
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = BN_bn2hex(n);
    assert_string_equal(hex, "FF00010203040506");
    OPENSSL_free(hex);
    BN_free(n);
    X509_free(x);
    hierarchy_free(&ca);
}

/* Only the bytes whose hash the database has are signed. */
static void nothing_else_is_signed(void **state)
{
    struct ch_fault f = {0};
    struct issue i;

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &ca, &f), CH_OK);
    struct ch_certificate_plan p = plan_of("natural");
    assert_int_equal(issue_prepare(&ca, &p, &i, &f), CH_OK);
    ASN1_INTEGER_set(X509_get_serialNumber(i.cert), 1);
    assert_int_equal(issue_sign(&ca, &i, &f), CH_E_INTERNAL);
    issue_free(&i);
    hierarchy_free(&ca);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1);
    return folder_make();
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return folder_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_makes_what_it_says),
        cmocka_unit_test(algorithms_of_sm2),
        cmocka_unit_test(subjects_that_do_not_fit),
        cmocka_unit_test(names_with_something_hidden),
        cmocka_unit_test(names_are_no_language),
        cmocka_unit_test(validity),
        cmocka_unit_test(serial_numbers),
        cmocka_unit_test(nothing_else_is_signed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
