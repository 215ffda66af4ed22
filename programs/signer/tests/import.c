/* SPDX-License-Identifier: Apache-2.0
 * An authority that exists already is taken in; one whose parts do not belong together, are not CAs or not in force is
 * not. */
#include "programs/signer/tests/folder.h"

#include "core/base/clock.h"
#include "core/pki/certificate.h"
#include "programs/signer/import.h"
#include "programs/signer/keystore.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define YEAR (365 * 86400L)

static struct ch_arena *a;
static int count;

/* The other authority, which is not made by our profiles. */
static struct other {
    EVP_PKEY *root_key, *ca_key;
    X509 *root, *ca;
} good;

/* What differs: `usage` and `constraints` of the issuing certificate, its times, and its signer. */
struct way {
    const char *algorithm, *root_constraints, *constraints, *usage;
    int64_t start, end; /* from now */
    bool no_key_id, strange_signer;
};

static const struct way usual = {
    "sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", -86400, 5 * YEAR, false, false};

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static X509 *blank(const char *name, EVP_PKEY *key, X509 *issuer, const struct way *w, int64_t end)
{
    X509 *x = X509_new();
    int64_t now = ch_now_ms() / 1000;

    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1000 + ++count);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(now + w->start));
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(now + end));
    X509_set_pubkey(x, key);
    return x;
}

static X509 *sign(X509 *x, EVP_PKEY *key)
{
    unsigned char tbs[CH_SM3_BYTES];

    assert_true(ch_cert_fix(x, key, tbs) && ch_cert_sign(x, key, tbs));
    X509 *again = ch_cert_read(ch_cert_der(a, x));
    X509_free(x);
    return again;
}

static struct other make_other(const struct way *w)
{
    struct other o = {.root_key = ch_alg_key(w->algorithm), .ca_key = ch_alg_key(w->algorithm)};
    EVP_PKEY *strange = ch_alg_key(w->algorithm);

    o.root = blank("旧根", o.root_key, NULL, &usual, 10 * YEAR);
    extend(o.root, o.root, NID_basic_constraints, w->root_constraints);
    extend(o.root, o.root, NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(o.root, o.root, NID_subject_key_identifier, "hash");
    o.root = sign(o.root, o.root_key);
    o.ca = blank("旧签发", o.ca_key, o.root, w, w->end);
    extend(o.ca, o.root, NID_basic_constraints, w->constraints);
    extend(o.ca, o.root, NID_key_usage, w->usage);
    if (!w->no_key_id)
        extend(o.ca, o.root, NID_subject_key_identifier, "hash");
    o.ca = sign(o.ca, w->strange_signer ? strange : o.root_key);
    EVP_PKEY_free(strange);
    return o;
}

static void free_other(struct other *o)
{
    X509_free(o->root), X509_free(o->ca), EVP_PKEY_free(o->root_key), EVP_PKEY_free(o->ca_key);
}

static const char *cert_file(X509 *x, bool pem)
{
    char *path = ch_printf(a, "%s/in-%d.cer", folder, ++count);
    FILE *out = fopen(path, "w");

    assert_int_equal(pem ? PEM_write_X509(out, x) : i2d_X509_fp(out, x), 1);
    fclose(out);
    return path;
}

static const char *key_file(EVP_PKEY *key, const char *pass)
{
    char *path = ch_printf(a, "%s/in-%d.pem", folder, ++count);
    FILE *out = fopen(path, "w");

    assert_int_equal(PEM_write_PKCS8PrivateKey(out, key, pass != NULL ? EVP_aes_256_cbc() : NULL, pass,
                                               pass != NULL ? (int)strlen(pass) : 0, NULL, NULL),
                     1);
    fclose(out);
    return path;
}

static const char *line_file(const char *line)
{
    char *path = ch_printf(a, "%s/in-%d.txt", folder, ++count);
    FILE *out = fopen(path, "w");

    fprintf(out, "%s\n", line);
    fclose(out);
    return path;
}

/* CH_OK, or the reason. */
static const char *taken(const struct import_files *files, const char **algorithm)
{
    struct ch_fault f = {0};

    return hierarchy_import(folder, files, algorithm, &f) == CH_OK ? "" : ch_strdup(a, f.detail);
}

static const char *refusal(const struct other *o)
{
    const char *algorithm = "";
    const struct import_files files = {cert_file(o->root, true), cert_file(o->ca, true), key_file(o->ca_key, NULL), NULL};
    const char *why = taken(&files, &algorithm);

    assert_false(keystore_has(a, folder, "ca-sm2.cer") || keystore_has_key(a, folder, "ca-sm2"));
    return why;
}

static void what_is_refused(void **state)
{
    static const struct {
        struct way way;
        const char *why;
    } table[] = {
        {{"sm2", "critical,CA:TRUE", "critical,CA:FALSE", "critical,keyCertSign,cRLSign", -86400, YEAR, 0, 0},
         "a certificate is not that of a CA which signs certificates and lists"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,digitalSignature", -86400, YEAR, 0, 0},
         "a certificate is not that of a CA which signs certificates and lists"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign", -86400, YEAR, 0, 0},
         "a certificate is not that of a CA which signs certificates and lists"},
        {{"sm2", "critical,CA:TRUE,pathlen:0", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", -86400, YEAR, 0, 0},
         "the root allows no CA below it"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", -86400, -60, 0, 0},
         "a certificate is not in force"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", 86400, YEAR, 0, 0},
         "a certificate is not in force"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", -86400, YEAR, true, 0},
         "the issuing certificate has no subject key identifier"},
        {{"sm2", "critical,CA:TRUE", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", -86400, YEAR, 0, true},
         "the issuing certificate is not signed by the root"},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(table); i++) {
        struct other o = make_other(&table[i].way);
        assert_string_equal(refusal(&o), table[i].why);
        free_other(&o);
    }
}

/* Puts each part once into the place of another. */
static void what_is_swapped(void **state)
{
    struct other two = make_other(&usual), swapped = good;

    (void)state;
    swapped.ca_key = two.ca_key;
    assert_string_equal(refusal(&swapped), "the issuing key is not that of its certificate");
    swapped = good;
    swapped.root = two.root;
    assert_string_equal(refusal(&swapped), "the issuing certificate is not signed by the root");
    swapped.root = good.ca;
    assert_string_equal(refusal(&swapped), "the root certificate is not signed by itself");
    swapped = good;
    swapped.ca = good.root;
    swapped.ca_key = good.root_key;
    assert_string_equal(refusal(&swapped), "the issuing certificate is not signed by the root");
    free_other(&two);
    EVP_PKEY *weak = EVP_RSA_gen(1024);
    swapped = good;
    swapped.ca_key = weak;
    assert_string_equal(refusal(&swapped), "the issuing key is neither SM2, nor RSA of 2048 bits or more, nor P-256");
    EVP_PKEY_free(weak);
}

static void what_cannot_be_read(void **state)
{
    const char *algorithm, *root = cert_file(good.root, true), *ca = cert_file(good.ca, true);
    struct import_files files = {root, ca, key_file(good.ca_key, "right passphrase"), NULL};

    (void)state;
    assert_string_equal(taken(&files, &algorithm), "the issuing key cannot be read, or does not open");
    files.passphrase = line_file("wrong passphrase");
    assert_string_equal(taken(&files, &algorithm), "the issuing key cannot be read, or does not open");
    files.ca = line_file("no certificate");
    assert_string_equal(taken(&files, &algorithm), "root or issuing certificate cannot be read");
    files.ca = "/nonexistent";
    assert_string_equal(taken(&files, &algorithm), "root or issuing certificate cannot be read");
    assert_false(keystore_has(a, folder, "root-sm2.cer"));
}

/* Imports PEM and DER and an encrypted key; then the hierarchy is completed, serves, and has no root key. */
static void taken_in(void **state)
{
    const char *algorithm = "";
    const struct import_files files = {cert_file(good.root, false), cert_file(good.ca, true),
                                       key_file(good.ca_key, "right passphrase"), line_file("right passphrase")};
    struct ch_fault f = {0};
    struct hierarchy h;

    (void)state;
    assert_string_equal(taken(&files, &algorithm), "");
    assert_string_equal(algorithm, "sm2");
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_OK);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    assert_int_equal(X509_cmp(h.ca, good.ca), 0);
    assert_int_equal(X509_cmp(h.root, good.root), 0);
    assert_true(h.ocsp != NULL && h.seal != NULL);
    assert_true(ch_cert_end(h.seal) <= ch_cert_end(h.ca));
    hierarchy_free(&h);
    assert_false(keystore_has_key(a, folder, "root-sm2"));
    struct stat st;
    assert_int_equal(stat(ch_printf(a, "%s/ca-sm2.key", folder), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
    assert_non_null(strstr(taken(&files, &algorithm), "holds a sm2 hierarchy already"));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1);
    good = make_other(&usual);
    return mkdtemp(folder) != NULL && folder_profiles() != NULL ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free_other(&good);
    ch_arena_free(a);
    return folder_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(what_is_swapped),
        cmocka_unit_test(what_cannot_be_read),
        cmocka_unit_test(taken_in),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
