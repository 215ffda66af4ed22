/* SPDX-License-Identifier: Apache-2.0
 * Signed data, in CMS and in PDF: what verifies, and that nothing else does. */
#include "core/pki/cms.h"

#include "core/base/codec.h"
#include "core/pki/ber.h"
#include "core/pki/pdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "tests/unit/pki_make.h"

#include <openssl/cms.h>

#include <cmocka.h>

#define TEXT CH_LIT("合同：甲方、乙方\n")
#define OTHER CH_LIT("合同：甲方、丙方\n")
static const struct ch_bytes none = {NULL, 0};
static struct ch_arena *a;
static struct pair sm2, rsa, p256;

static int make(void **state)
{
    (void)state;
    a = ch_arena_new();
    sm2 = make_cert(NULL, (struct wish){.name = "甲"});
    rsa = make_cert(NULL, (struct wish){.name = "乙", .algorithm = "rsa"});
    p256 = make_cert(NULL, (struct wish){.name = "丙", .algorithm = "p256"});
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_pair(&sm2);
    free_pair(&rsa);
    free_pair(&p256);
    ch_arena_free(a);
    return 0;
}

/* The first signer's result; CH_CMS__COUNT for what is no signed data. */
static enum ch_cms_result result_of(struct ch_bytes file, struct ch_bytes beside)
{
    struct ch_cms *cms = CH_NEW(a, struct ch_cms);

    return ch_cms_read(a, file, cms) ? ch_cms_check(cms, &cms->signers[0], beside) : CH_CMS__COUNT;
}

static enum ch_cms_result made(struct cms_wish w)
{
    if (w.signers[0] == NULL)
        w.signers[0] = &sm2;
    if (w.content.p == NULL)
        w.content = TEXT;
    return result_of(make_cms(a, w), w.attached ? none : TEXT);
}

static void every_algorithm_attached_and_detached(void **state)
{
    const struct pair *all[] = {&sm2, &rsa, &p256};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(all); i++)
        for (int shape = 0; shape < 8; shape++) {
            struct cms_wish w = {.attached = shape & 1, .bare = shape & 2, .gm = shape & 4, .signers = {all[i]}, .time = NOON};
            assert_int_equal(made(w), CH_CMS_GOOD);
        }
}

static void what_is_read(void **state)
{
    struct ch_cms cms;
    struct ch_bytes der = make_cms(
        a, (struct cms_wish){.content = TEXT, .attached = true, .time = NOON, .signers = {&sm2, &rsa, &p256}, .more = NULL});

    (void)state;
    assert_true(ch_cms_read(a, der, &cms));
    assert_true(cms.attached);
    assert_int_equal(cms.n_signers, 3);
    assert_int_equal(cms.n_certs, 3);
    assert_int_equal(cms.content.n, TEXT.n);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cms.signers[i].time, NOON);
        assert_int_equal(X509_cmp(cms.signers[i].cert, ((X509 *[]){sm2.cert, rsa.cert, p256.cert})[i]), 0);
        assert_int_equal(ch_cms_check(&cms, &cms.signers[i], none), CH_CMS_GOOD);
    }
    assert_true(ch_cms_read(a, make_cms(a, (struct cms_wish){.content = TEXT, .signers = {&sm2}}), &cms));
    assert_int_equal(cms.signers[0].time, 0);
    assert_false(cms.attached);
}

static void refusals(void **state)
{
    struct pair ed = {NULL, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

    (void)state;
    assert_int_equal(result_of(make_cms(a, (struct cms_wish){.content = TEXT, .signers = {&sm2}}), none), CH_CMS_NO_CONTENT);
    assert_int_equal(result_of(make_cms(a, (struct cms_wish){.content = TEXT, .signers = {&sm2}}), OTHER), CH_CMS_CONTENT);
    assert_int_equal(result_of(make_cms(a, (struct cms_wish){.content = TEXT, .bare = true, .signers = {&sm2}}), OTHER),
                     CH_CMS_SIGNATURE);
    assert_int_equal(made((struct cms_wish){.id = ""}), CH_CMS_SIGNATURE);
    assert_int_equal(made((struct cms_wish){.id = "1234567812345679"}), CH_CMS_SIGNATURE);
    assert_int_equal(made((struct cms_wish){.no_cert = true}), CH_CMS_NO_CERT);
    assert_int_equal(made((struct cms_wish){.no_cert = true, .more = rsa.cert}), CH_CMS_NO_CERT);
    assert_int_equal(made((struct cms_wish){.no_digest = true}), CH_CMS_ATTRIBUTES);
    assert_int_equal(made((struct cms_wish){.digest_twice = true}), CH_CMS_ATTRIBUTES);
    assert_int_equal(made((struct cms_wish){.other_type = true}), CH_CMS_ATTRIBUTES);
    assert_int_equal(made((struct cms_wish){.meant = true}), CH_CMS_GOOD);
    assert_int_equal(made((struct cms_wish){.meant_other = true}), CH_CMS_SUBSTITUTED);
    EVP_PKEY_free(ed.key);
}

/* The key of another certificate of the same name and number. */
static void another_key(void **state)
{
    struct pair mixed = {sm2.cert, ch_alg_key("sm2")};

    (void)state;
    assert_int_equal(made((struct cms_wish){.signers = {&mixed}}), CH_CMS_SIGNATURE);
    EVP_PKEY_free(mixed.key);
    mixed = (struct pair){sm2.cert, p256.key}; /* and of another algorithm */
    assert_int_equal(made((struct cms_wish){.signers = {&mixed}}), CH_CMS_SIGNATURE);
}

/* Signed attributes cut out of a signature and shown as content that was signed without any. */
static void attributes_as_content(void **state)
{
    struct cms_wish w = {.content = TEXT, .signers = {&sm2}};

    (void)state;
    w.content = attributes(a, &w, &sm2);
    w.bare = true;
    assert_int_equal(result_of(make_cms(a, w), w.content), CH_CMS_ATTRIBUTES);
    w.content = CH_LIT("1. 第一条"); /* begins with the same byte */
    assert_int_equal(result_of(make_cms(a, w), w.content), CH_CMS_GOOD);
}

/* No byte can be changed so that the signature stays valid with the same content and certificate. */
static void one_changed_byte(void **state)
{
    struct ch_bytes der =
        make_cms(a, (struct cms_wish){.content = TEXT, .attached = true, .time = NOON, .signers = {&sm2}});
    struct ch_arena *own;
    size_t good = 0;

    (void)state;
    for (size_t i = 0; i < der.n; i++) {
        struct ch_cms cms;
        own = ch_arena_new();
        unsigned char *copy = (unsigned char *)(uintptr_t)ch_bytes_dup(own, der).p;
        copy[i] ^= 1;
        if (ch_cms_read(own, CH_BYTES(copy, der.n), &cms) && ch_cms_check(&cms, &cms.signers[0], none) == CH_CMS_GOOD) {
            assert_int_equal(cms.content.n, TEXT.n);
            assert_memory_equal(cms.content.p, TEXT.p, TEXT.n);
            assert_int_equal(cms.signers[0].time, NOON);
            assert_true(EVP_PKEY_eq(X509_get0_pubkey(cms.signers[0].cert), sm2.key) == 1);
            good++; /* version numbers and the certificate's own signature, which is the chain's to check */
        }
        ch_arena_free(own);
    }
    assert_true(good < der.n / 2);
}

static void truncated(void **state)
{
    struct ch_bytes der = make_cms(a, (struct cms_wish){.content = TEXT, .attached = true, .signers = {&sm2}});
    unsigned char *longer = ch_alloc(a, der.n + 1);
    struct ch_cms cms;

    (void)state;
    memcpy(longer, der.p, der.n);
    for (size_t i = 0; i < der.n; i++)
        assert_false(ch_cms_read(a, CH_BYTES(der.p, i), &cms));
    assert_false(ch_cms_read(a, CH_DER_JOIN(a, CH_DER_SEQUENCE, der), &cms));
    assert_false(ch_cms_read(a, CH_BYTES(longer, der.n + 1), &cms));
}

static void armoured(void **state)
{
    struct ch_bytes der = make_cms(a, (struct cms_wish){.content = TEXT, .attached = true, .signers = {&sm2}});
    const char *base64 = ch_base64(a, der), *pem;

    (void)state;
    assert_int_equal(result_of(CH_BYTES(base64, strlen(base64)), none), CH_CMS_GOOD);
    pem = ch_printf(a, "-----BEGIN CMS-----\r\n%.64s\r\n%s\r\n-----END CMS-----\r\n", base64, base64 + 64);
    assert_int_equal(result_of(CH_BYTES(pem, strlen(pem)), none), CH_CMS_GOOD);
    assert_int_equal(result_of(CH_LIT("-----BEGIN CMS-----\n-----END CMS-----\n"), none), CH_CMS__COUNT);
    assert_int_equal(result_of(CH_LIT("不是签名"), none), CH_CMS__COUNT);
    assert_int_equal(result_of(CH_LIT("TUVPVw=="), none), CH_CMS__COUNT);
}

/* OpenSSL's own signatures, of which it leaves the lengths open when it streams. */
static void by_openssl(void **state)
{
    const struct pair *all[] = {&rsa, &p256};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(all); i++)
        for (int flags = 0; flags < 2; flags++) {
            BIO *in = BIO_new_mem_buf(TEXT.p, (int)TEXT.n), *out = BIO_new(BIO_s_mem());
            unsigned int how = CMS_BINARY | (flags ? CMS_DETACHED : CMS_STREAM);
            CMS_ContentInfo *cms = CMS_sign(all[i]->cert, all[i]->key, NULL, in, how);
            unsigned char *p;
            assert_non_null(cms);
            assert_int_equal(i2d_CMS_bio_stream(out, cms, flags ? NULL : in, (int)how), 1);
            long n = BIO_get_mem_data(out, &p);
            assert_int_equal(result_of(CH_BYTES(p, (size_t)n), flags ? TEXT : none), CH_CMS_GOOD);
            assert_int_equal(result_of(CH_BYTES(p, (size_t)n - 1), flags ? TEXT : none), CH_CMS__COUNT);
            CMS_ContentInfo_free(cms);
            BIO_free(in);
            BIO_free(out);
        }
}

static void open_lengths(void **state)
{
    struct ch_bytes out, in;
    // clang-format off
    struct {
        struct ch_bytes ber, der;
    } good[] = {
        {CH_LIT("\x30\x80\x02\x01\x05\x00\x00"), CH_LIT("\x30\x03\x02\x01\x05")},
        {CH_LIT("\x24\x80\x04\x01\x61\x04\x02\x62\x63\x00\x00"), CH_LIT("\x04\x03\x61\x62\x63")},
        {CH_LIT("\x24\x05\x24\x03\x04\x01\x61"), CH_LIT("\x04\x01\x61")},
        {CH_LIT("\x30\x09\xa0\x80\x24\x03\x04\x01\x61\x00\x00"), CH_LIT("\x30\x05\xa0\x03\x04\x01\x61")},
        {CH_LIT("\x30\x81\x03\x02\x01\x05"), CH_LIT("\x30\x81\x03\x02\x01\x05")}, /* not DER, but definite */
        {CH_LIT("\x04\x01\x61 and more"), CH_LIT("\x04\x01\x61")},
    }, bad[] = {
        {CH_LIT("\x30\x80\x02\x01\x05\x00"), none}, {CH_LIT("\x04\x80\x00\x00"), none}, {CH_LIT("\x30\x03\x02\x02\x05"), none},
        {CH_LIT("\x24\x80\x02\x01\x61\x00\x00"), none}, {CH_LIT("\x3f\x00"), none}, {CH_LIT(""), none}, {CH_LIT("\x30"), none},
        {CH_LIT("\x30\x85\x00\x00\x00\x00\x01\x00"), none}, {CH_LIT("\x30\x84\xff\xff\xff\xff"), none},
    };
    // clang-format on

    (void)state;
    for (size_t i = 0; i < CH_COUNT(good); i++) {
        in = good[i].ber;
        assert_true(ch_ber_definite(a, &in, &out));
        assert_int_equal(out.n, good[i].der.n);
        assert_memory_equal(out.p, good[i].der.p, out.n);
    }
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_ber_definite(a, &bad[i].ber, &out));
    char deep[200];
    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = (char)(i % 2 == 0 ? 0x30 : 0x80);
    in = CH_BYTES(deep, sizeof deep);
    assert_false(ch_ber_definite(a, &in, &out));
}

/* ---- PDF ---- */

#define HEX 4096 /* digits kept free for a signature */

/* A PDF of one revision more than `before`, signed by `by`: the least that a reader of signatures looks at. */
static struct ch_bytes sign_pdf(struct ch_bytes before, const struct pair *by)
{
    const char *hole = ch_printf(a, "<%0*d>", HEX, 0);
    const char *head =
        ch_printf(a, "%.*s1 0 obj\n<< /Type /Sig /SubFilter /adbe.pkcs7.detached /Contents ", (int)before.n, before.p);
    size_t from = strlen(head), to = from + strlen(hole);
    const char *tail = ch_printf(a, " /ByteRange [0 %10zu %10zu %10d] >>\nendobj\n%%%%EOF\n", from, to, 0);
    tail = ch_printf(a, " /ByteRange [0 %10zu %10zu %10zu] >>\nendobj\n%%%%EOF\n", from, to, strlen(tail));
    const char *content = ch_printf(a, "%s%s", head, tail);
    struct ch_bytes cms =
        make_cms(a, (struct cms_wish){.content = CH_BYTES(content, strlen(content)), .time = NOON, .signers = {by}});
    char *digits = ch_hex(a, cms), *file = ch_printf(a, "%s%s%s", head, hole, tail);

    must(2 * cms.n < HEX);
    memcpy(file + from + 1, digits, 2 * cms.n);
    return CH_BYTES(file, strlen(file));
}

static enum ch_cms_result pdf_result(struct ch_bytes file, const struct ch_pdf_signature *s)
{
    struct ch_cms *cms = CH_NEW(a, struct ch_cms);
    struct ch_bytes rest = s->cms;

    if (!s->sound || !ch_cms_take(a, &rest, cms))
        return CH_CMS__COUNT;
    return ch_cms_check(cms, &cms->signers[0], ch_pdf_signed(a, file, s));
}

static void signed_pdf(void **state)
{
    struct ch_pdf_signature s[CH_PDF_SIGNATURES];
    struct ch_bytes one = sign_pdf(CH_LIT("%PDF-1.7\n"), &sm2), two = sign_pdf(one, &p256);

    (void)state;
    assert_true(ch_pdf_is(one));
    assert_int_equal(ch_pdf_signatures(a, one, s), 1);
    assert_int_equal(s[0].end, one.n);
    assert_int_equal(pdf_result(one, &s[0]), CH_CMS_GOOD);
    assert_int_equal(ch_pdf_signatures(a, two, s), 2);
    assert_int_equal(s[0].end, one.n);
    assert_int_equal(s[1].end, two.n);
    assert_int_equal(pdf_result(two, &s[0]), CH_CMS_GOOD);
    assert_int_equal(pdf_result(two, &s[1]), CH_CMS_GOOD);
}

/* Every byte outside of the digits is signed. */
static void changed_pdf(void **state)
{
    struct ch_bytes one = sign_pdf(CH_LIT("%PDF-1.7\n"), &sm2);
    struct ch_pdf_signature s[CH_PDF_SIGNATURES], first[CH_PDF_SIGNATURES];
    unsigned char *copy = (unsigned char *)(uintptr_t)one.p;

    (void)state;
    assert_int_equal(ch_pdf_signatures(a, one, first), 1);
    for (size_t i = 0; i < one.n; i++) {
        if (i > first[0].hole && i < first[0].after - 1)
            continue;
        copy[i] ^= 1;
        size_t n = ch_pdf_signatures(a, one, s);
        if (n > 0)
            assert_int_not_equal(pdf_result(one, &s[0]), CH_CMS_GOOD);
        copy[i] ^= 1;
    }
}

/* `end` tells whether something follows the signed part. */
static void appended_pdf(void **state)
{
    struct ch_bytes one = sign_pdf(CH_LIT("%PDF-1.7\n"), &sm2);
    const char *more = ch_printf(a, "%s2 0 obj\n<< >>\nendobj\n", (const char *)one.p);
    struct ch_pdf_signature s[CH_PDF_SIGNATURES];

    (void)state;
    assert_int_equal(ch_pdf_signatures(a, CH_BYTES(more, strlen(more)), s), 1);
    assert_true(s[0].sound);
    assert_true(s[0].end < strlen(more));
}

/* Ranges that leave out more than the digits, or that are misleading. */
static void unsound_ranges(void **state)
{
    static const char *const bad[] = {
        "%PDF-1.7 /Contents <00> /ByteRange [1 19 23 30]",        /* does not begin at the start */
        "%PDF-1.7 /Contents <00> /ByteRange [0 19 29 16]",        /* leaves out more than the string */
        "%PDF-1.7 /Contents <00> /ByteRange [0 19 23 900]",       /* ends behind the file */
        "%PDF-1.7 /Contents <00> /ByteRange [0 19 23 0]",         /* nothing behind */
        "%PDF-1.7 /Contents <0g> /ByteRange [0 19 23 25]",        /* no digits */
        "%PDF-1.7 /Contents <000> /ByteRange [0 19 24 25]",       /* an odd number of them */
        "%PDF-1.7 /Contemps <00> /ByteRange [0 19 23 25]",        /* not the signature */
        "%PDF-1.7 /Contents <00> endobj /ByteRange [0 19 23 32]", /* another object's */
        "%PDF-1.7 /Contents <00> /ByteRange [0 19 23 10]",        /* not signed itself */
        "%PDF-1.7 /Contents <00> /ByteRange [0 99999999999 23 25]",
    };
    struct ch_pdf_signature s[CH_PDF_SIGNATURES];
    struct ch_bytes good = CH_LIT("%PDF-1.7 /Contents <00> /ByteRange [0 19 23 24]");

    (void)state;
    assert_int_equal(ch_pdf_signatures(a, good, s), 1);
    assert_true(s[0].sound);
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        for (size_t n = ch_pdf_signatures(a, CH_BYTES(bad[i], strlen(bad[i])), s); n > 0; n--)
            assert_false(s[n - 1].sound);
    assert_int_equal(ch_pdf_signatures(a, CH_LIT("%PDF-1.7 /ByteRange [0 /******** /********]"), s), 0);
    assert_false(ch_pdf_is(CH_LIT("GIF89a")));
}

static void words_for_all(void **state)
{
    (void)state;
    for (int i = 0; i <= CH_CMS__COUNT; i++)
        assert_non_null(ch_cms_words((enum ch_cms_result)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_attached_and_detached),
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(refusals),
        cmocka_unit_test(another_key),
        cmocka_unit_test(attributes_as_content),
        cmocka_unit_test(one_changed_byte),
        cmocka_unit_test(truncated),
        cmocka_unit_test(armoured),
        cmocka_unit_test(by_openssl),
        cmocka_unit_test(open_lengths),
        cmocka_unit_test(signed_pdf),
        cmocka_unit_test(changed_pdf),
        cmocka_unit_test(appended_pdf),
        cmocka_unit_test(unsound_ranges),
        cmocka_unit_test(words_for_all),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
