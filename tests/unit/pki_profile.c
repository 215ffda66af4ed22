/* SPDX-License-Identifier: Apache-2.0
 * The file of profiles: as delivered it is read; every mistake is refused at its place; what an authority may not
 * choose cannot be written. And what the rows make of encodings and lengths. */
#include "core/pki/certificate.h"
#include "core/pki/profile.h"

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START 1795225500

static struct ch_arena *a;
static char *delivered;

static char *path(void)
{
    const char *top = getenv("TOP_SRCDIR");
    return ch_printf(a, "%s/core/pki/profiles.json", top != NULL ? top : ".");
}

/* The delivered text with the first `from` behind `after` replaced. */
static char *changed(const char *after, const char *from, const char *to)
{
    const char *start = strstr(delivered, after);
    assert_non_null(start);
    const char *at = strstr(start, from);
    assert_non_null(at);
    return ch_printf(a, "%.*s%s%s", (int)(at - delivered), delivered, to, at + strlen(from));
}

static enum ch_err read_text(const char *text, struct ch_profiles **out, struct ch_fault *f)
{
    return ch_profiles_read(CH_BYTES(text, strlen(text)), out, f);
}

static void as_delivered(void **state)
{
    static const char *const kinds[] = {"institution",
                                        "business",
                                        "holder",
                                        "natural",
                                        "institution_encryption",
                                        "business_encryption",
                                        "holder_encryption",
                                        "natural_encryption",
                                        "root",
                                        "issuing",
                                        "ocsp",
                                        "seal",
                                        "evidence"};
    struct ch_profiles *p;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_profiles_load(path(), &p, &f), CH_OK);
    for (size_t i = 0; i < CH_COUNT(kinds); i++) {
        assert_string_equal(ch_profile_at(p, i)->kind, kinds[i]);
        assert_ptr_equal(ch_profile_find(p, kinds[i]), ch_profile_at(p, i));
        assert_int_equal(ch_profile_at(p, i)->ca, i == 8 || i == 9);
    }
    assert_null(ch_profile_at(p, CH_COUNT(kinds)));
    assert_null(ch_profile_find(p, "server"));
    assert_string_equal(ch_profiles_arc(p), "1.3.6.1.4.1.32473");
    const struct ch_profile *holder = ch_profile_find(p, "holder");
    assert_string_equal(holder->policy, "1.3.6.1.4.1.32473.1.2");
    assert_string_equal(holder->dual, "holder_encryption");
    assert_true(holder->id_hash);
    assert_false(ch_profile_find(p, "institution")->id_hash);
    assert_true(ch_profile_find(p, "ocsp")->no_check);
    assert_int_equal(ch_profile_find(p, "issuing")->path_length, 0);
    assert_int_equal(ch_profile_find(p, "root")->path_length, -1);
    ch_profiles_free(p);
}

/* The text behind which something is replaced, the old and the new text, and the place where the mistake must be reported. */
static const struct mistake {
    const char *after, *from, *to, *pointer;
} mistakes[] = {
    {"{", "{", "[{", ""},
    {"\"arc\"", "\"arc\"", "\"arcs\"", "/arcs"},
    {"\"arc\"", "\"1.3.6.1.4.1.32473\"", "7", "/arc"},
    {"\"arc\"", "1.3.6.1.4.1.32473", "1.3.6.1..4", "/arc"},
    {"\"arc\"", "1.3.6.1.4.1.32473", "1.3.06", "/arc"},
    {"\"arc\"", "1.3.6.1.4.1.32473", "example", "/arc"},
    {"\"arc\"", "1.3.6.1.4.1.32473", "", "/arc"},
    {"\"institution\"", "\"institution\"", "\"Institution\"", "/profiles/Institution"},
    {"\"institution\"", "\"institution\"", "\"unit\"", "/profiles/institution"},
    {"\"seal\"", "\"seal\"", "\"seals\"", "/profiles/seal"},
    {"\"institution\"", "\"title\"", "\"titel\"", "/profiles/institution/titel"},
    {"\"institution\"", "机构证书", "", "/profiles/institution/title"},
    {"\"institution\"", "\"attribute\": \"C\"", "\"attribute\": \"DC\"", "/profiles/institution/name/0/attribute"},
    {"\"institution\"", "\"text\": \"CN\"", "\"text\": \"cn\"", "/profiles/institution/name"},
    {"\"institution\"", "\"text\": \"CN\"", "\"text\": \"CHN\"", "/profiles/institution/name"},
    {"\"institution\"", "\"field\": \"unit_name\"", "\"field\": \"person_id\"", "/profiles/institution/name/1/field"},
    {"\"institution\"", "\"field\": \"unit_name\"", "\"text\": \"x\", \"field\": \"unit_name\"",
     "/profiles/institution/name/1"},
    {"\"institution\"", "\"field\": \"unit_name\", ", "", "/profiles/institution/name/1"},
    {"\"institution\"", ", \"longest\": 64", "", "/profiles/institution/name/1"},
    {"\"institution\"", "\"longest\": 64", "\"longest\": 65", "/profiles/institution/name/1/longest"},
    {"\"institution\"", "\"longest\": 64", "\"longest\": 0", "/profiles/institution/name/1/longest"},
    {"\"institution\"", "\"longest\": 64", "\"longest\": 6.4", "/profiles/institution/name/1/longest"},
    {"\"institution\"", "\"attribute\": \"O\"", "\"attribute\": \"CN\"", "/profiles/institution/name"},
    {"\"institution\"", "\"digitalSignature\"", "\"digital\"", "/profiles/institution/key_usage/0"},
    {"\"institution\"", "\"digitalSignature\"", "\"nonRepudiation\"", "/profiles/institution/key_usage/1"},
    {"\"institution\"", "[\"digitalSignature\", \"nonRepudiation\"]", "[]", "/profiles/institution/key_usage"},
    {"\"institution\"", "[\"digitalSignature\", \"nonRepudiation\"]", "\"digitalSignature\"",
     "/profiles/institution/key_usage"},
    {"\"institution\"", "\"clientAuth\"", "\"serverAuth\"", "/profiles/institution/extended_usage/0"},
    {"\"institution\"", "\"clientAuth\"", "\"anyExtendedKeyUsage\"", "/profiles/institution/extended_usage/0"},
    {"\"institution\"", "\"clientAuth\"", "\"emailProtection\"", "/profiles/institution/extended_usage/1"},
    {"\"institution\"", "[\"clientAuth\", \"emailProtection\"]", "[]", "/profiles/institution/extended_usage"},
    {"\"institution\"", "\".1.1\"", "\".01\"", "/profiles/institution/policy"},
    {"\"institution\"", "\"aia\": true", "\"aia\": 1", "/profiles/institution/aia"},
    {"\"institution\"", "institution_encryption", "nothing", "/profiles/institution/dual"},
    {"\"institution\"", "institution_encryption", "holder", "/profiles/institution/dual"},
    {"\"institution\"", "\"1.2.156.10260.4.1.4\"", "\"2.5.29.17\"", "/profiles/institution/private/0/oid"},
    {"\"institution\"", "\"1.2.156.10260.4.1.4\"", "\"1.3.6.1.5.5.7.1.1\"", "/profiles/institution/private/0/oid"},
    {"\"institution\"", "\"printable\"", "\"bmp\"", "/profiles/institution/private/0/encoding"},
    {"\"institution\"", "\"printable\"", "\"octets\"", "/profiles/institution/private/0"},
    {"\"institution\"", "\"field\": \"unit_code\"", "\"field\": \"person_id\"", "/profiles/institution/private/0/field"},
    {"\"institution\"", "\"unit_code\", \"longest\": 32", "\"unit_code\"", "/profiles/institution/private/0"},
    {"\"holder\"", "\"octets\"", "\"printable\"", "/profiles/holder/private/1"},
    {"\"holder\"", "\".2.1\"", "\"1.2.156.10260.4.1.4\"", "/profiles/holder/private/1"},
    {"\"holder\"", "\"field\": \"id_hash\"", "\"field\": \"id_hash\", \"longest\": 9", "/profiles/holder/private/1"},
    /* what an authority may not choose */
    {"\"institution\"", "\"nonRepudiation\"", "\"keyCertSign\"", "/profiles/institution/key_usage"},
    {"\"natural\"", "\"nonRepudiation\"", "\"cRLSign\"", "/profiles/natural/key_usage"},
    {"\"natural_encryption\": {", "\"keyAgreement\"", "\"keyCertSign\"", "/profiles/natural_encryption/key_usage"},
    {"\"seal\"", "\"digitalSignature\"", "\"keyCertSign\"", "/profiles/seal/key_usage"},
    {"\"ocsp\"", "\"digitalSignature\"", "\"digitalSignature\", \"cRLSign\"", "/profiles/ocsp/key_usage"},
    {"\"root\"", "\"keyCertSign\", ", "", "/profiles/root/key_usage"},
    {"\"issuing\"", "\"cRLSign\"", "\"cRLSign\", \"digitalSignature\"", "/profiles/issuing/key_usage"},
    {"\"institution\"", "\"clientAuth\"", "\"OCSPSigning\"", "/profiles/institution/extended_usage"},
    {"\"ocsp\"", "\"OCSPSigning\"", "\"OCSPSigning\", \"clientAuth\"", "/profiles/ocsp/extended_usage"},
    {"\"ocsp\"", "\"extended_usage\": [\"OCSPSigning\"], ", "", "/profiles/ocsp/extended_usage"},
    {"\"root\"", "\"years\"", "\"extended_usage\": [\"clientAuth\"], \"years\"", "/profiles/root/extended_usage"},
    {"\"institution\"", "\"years\": 5", "\"years\": 6", "/profiles/institution/years"},
    {"\"institution\"", "\"years\": 5", "\"years\": 0", "/profiles/institution/years"},
    {"\"institution\"", "\"years\": 5", "\"days\": 5", "/profiles/institution/years"},
    {"\"institution\"", "\"years\": 5", "\"years\": 5, \"days\": 5", "/profiles/institution/years"},
    {"\"root\"", "\"years\": 20", "\"years\": 31", "/profiles/root/years"},
    {"\"seal\"", "\"years\": 5", "\"years\": 11", "/profiles/seal/years"},
    {"\"ocsp\"", "\"days\": 90", "\"days\": 367", "/profiles/ocsp/days"},
    {"\"ocsp\"", "\"days\": 90", "\"years\": 1", "/profiles/ocsp/days"},
    {"\"ocsp\"", "\"days\"", "\"aia\": true, \"days\"", "/profiles/ocsp/aia"},
    {"\"ocsp\"", "\"days\"", "\"crl\": true, \"days\"", "/profiles/ocsp/crl"},
    {"\"issuing\"", "\"years\"", "\"crl\": true, \"years\"", "/profiles/issuing/crl"},
    {"\"institution\"", "\"nonRepudiation\"", "\"keyEncipherment\"", "/profiles/institution/key_usage"},
    {"\"institution_encryption\"", "\"dataEncipherment\"", "\"nonRepudiation\"", "/profiles/institution/dual"},
};

static void mistakes_are_refused_at_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(mistakes); i++) {
        const struct mistake *m = &mistakes[i];
        struct ch_profiles *p;
        struct ch_fault f = {0};
        if (read_text(changed(m->after, m->from, m->to), &p, &f) != CH_E_INVALID)
            print_error("mistake %zu: %s\n", i, m->to);
        assert_int_equal(f.code, CH_E_INVALID);
        assert_string_equal(f.pointer, m->pointer);
        assert_non_null(strstr(f.detail, m->pointer));
    }
}

static void no_file(void **state)
{
    struct ch_profiles *p;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_profiles_load("/nonexistent/profiles.json", &p, &f), CH_E_INVALID);
    assert_int_equal(read_text("{\"arc\": \"1.2.3\", \"arc\": \"1.2.3\"}", &p, &f), CH_E_INVALID);
    assert_int_equal(read_text("[]", &p, &f), CH_E_INVALID);
    assert_int_equal(read_text("{\"arc\": \"1.2.3\", \"profiles\": {}}", &p, &f), CH_E_INVALID);
    assert_int_equal(read_text("", &p, &f), CH_E_INVALID);
}

/* --- what the rows make --- */

static EVP_PKEY *key;

static struct ch_certificate_plan plan_of(const struct ch_profiles *p, const char *kind)
{
    return (struct ch_certificate_plan){
        .profile = ch_profile_find(p, kind),
        .subject = {.unit_name = "广州某某科技有限公司", .unit_code = "91440101MA5CXXXX0X", .person_name = "张三"},
        .serial = {1},
        .not_before = START,
        .not_after = START + 86400,
        .key = key,
        .algorithm = "sm2",
        .origin = "https://hall.example",
        .site = "https://ca.example",
    };
}

/* The value of the extension under each encoding. */
static void encodings(void **state)
{
    static const struct {
        const char *word, *value;
        size_t n;
    } table[] = {
        {"printable",
         "\x13\x12"
         "91440101MA5CXXXX0X",
         20},
        {"utf8",
         "\x0c\x12"
         "91440101MA5CXXXX0X",
         20},
        {"ia5",
         "\x16\x12"
         "91440101MA5CXXXX0X",
         20},
        {"identify_code_explicit",
         "\xa0\x14\x13\x12"
         "91440101MA5CXXXX0X",
         22},
        {"identify_code_implicit",
         "\x80\x12"
         "91440101MA5CXXXX0X",
         20},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(table); i++) {
        struct ch_profiles *p;
        struct ch_fault f = {0};
        assert_int_equal(
            read_text(changed("\"institution\"", "\"printable\"", ch_printf(a, "\"%s\"", table[i].word)), &p, &f), CH_OK);
        struct ch_certificate_plan plan = plan_of(p, "institution");
        X509 *x = ch_profile_build(&plan, &f);
        assert_non_null(x);
        ASN1_OBJECT *o = OBJ_txt2obj("1.2.156.10260.4.1.4", 1);
        const ASN1_OCTET_STRING *v = X509_EXTENSION_get_data(X509_get_ext(x, X509_get_ext_by_OBJ(x, o, -1)));
        assert_int_equal(ASN1_STRING_length(v), table[i].n);
        assert_memory_equal(ASN1_STRING_get0_data(v), table[i].value, table[i].n);
        ASN1_OBJECT_free(o);
        X509_free(x);
        ch_profiles_free(p);
    }
}

static enum ch_err build(const struct ch_certificate_plan *plan)
{
    struct ch_fault f = {0};

    X509_free(ch_profile_build(plan, &f));
    return f.code;
}

static void lives_and_lengths(void **state)
{
    struct ch_profiles *p;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(read_text(changed("\"natural\"", "\"longest\": 64", "\"longest\": 2"), &p, &f), CH_OK);
    struct ch_certificate_plan plan = plan_of(p, "natural");
    assert_int_equal(build(&plan), CH_OK);
    plan.subject.person_name = "张三丰";
    assert_int_equal(build(&plan), CH_E_INVALID);
    plan = plan_of(p, "institution");
    plan.not_after = ch_profile_limit(plan.profile, START);
    assert_int_equal(build(&plan), CH_OK);
    plan.not_after++;
    assert_int_equal(build(&plan), CH_E_INVALID);
    plan.not_after = START;
    assert_int_equal(build(&plan), CH_E_INVALID);
    plan = plan_of(p, "business"); /* asks for a business name */
    assert_int_equal(build(&plan), CH_E_INVALID);
    plan.subject.business_name = "投标";
    assert_int_equal(build(&plan), CH_OK);
    plan.subject.unit_code = "9144@101MA5CXXXX0X";
    assert_int_equal(build(&plan), CH_E_INVALID);
    plan = plan_of(p, "ocsp");
    plan.not_after = START + 90 * 86400L + 1;
    assert_int_equal(build(&plan), CH_E_INVALID);
    ch_profiles_free(p);
}

/* Never past the one who signs it. */
static void not_past_the_issuer(void **state)
{
    struct ch_profiles *p;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_profiles_load(path(), &p, &f), CH_OK);
    struct ch_certificate_plan plan = plan_of(p, "issuing");
    X509 *issuer = ch_profile_build(&plan, &f);
    assert_non_null(issuer);
    plan = plan_of(p, "natural");
    plan.issuer = issuer;
    assert_int_equal(build(&plan), CH_OK);
    plan.not_after++;
    assert_int_equal(build(&plan), CH_E_INVALID);
    X509_free(issuer);
    ch_profiles_free(p);
}

static void usages_by_algorithm(void **state)
{
    const uint32_t all = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT;

    (void)state;
    assert_int_equal(ch_profile_usage("sm2", all), all);
    assert_int_equal(ch_profile_usage("rsa", all), KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT);
    assert_int_equal(ch_profile_usage("p256", all), KU_KEY_AGREEMENT);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = ch_alg_key("sm2");
    FILE *in = fopen(path(), "r");
    if (in == NULL)
        return -1;
    delivered = ch_alloc(a, 65536);
    size_t n = fread(delivered, 1, 65535, in);
    fclose(in);
    return n > 0 ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_delivered),
        cmocka_unit_test(mistakes_are_refused_at_their_place),
        cmocka_unit_test(no_file),
        cmocka_unit_test(encodings),
        cmocka_unit_test(lives_and_lengths),
        cmocka_unit_test(not_past_the_issuer),
        cmocka_unit_test(usages_by_algorithm),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
