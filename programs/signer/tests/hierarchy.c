/* SPDX-License-Identifier: Apache-2.0
 * Making and loading the authority's keys: what is there stays, what is wrong is refused. */
#include "programs/signer/tests/folder.h"

#include "programs/signer/keystore.h"
#include "core/pki/certificate.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/x509v3.h>

#include <cmocka.h>

static struct ch_arena *a;

static char *in_folder(const char *file)
{
    return ch_printf(a, "%s/%s", folder, file);
}

static struct stat look(const char *file)
{
    struct stat st;
    assert_int_equal(stat(in_folder(file), &st), 0);
    return st;
}

static void files_are_private(void **state)
{
    static const char *const keys[] = {"passphrase", "root-sm2.key", "ca-sm2.key", "root-rsa.key", "ca-rsa.key"};
    char head[64] = "";

    (void)state;
    for (size_t i = 0; i < CH_COUNT(keys); i++)
        assert_int_equal(look(keys[i]).st_mode & 0777, 0400);
    assert_int_equal(look("ca-sm2.cer").st_mode & 0777, 0444);
    FILE *f = fopen(in_folder("ca-sm2.key"), "r");
    assert_non_null(fgets(head, sizeof head, f));
    fclose(f);
    assert_string_equal(head, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
}

static void a_second_run_changes_nothing(void **state)
{
    struct ch_fault f = {0};
    struct stat key = look("ca-sm2.key"), record = look("ceremony.txt");

    (void)state;
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_OK);
    assert_int_equal(look("ca-sm2.key").st_ino, key.st_ino);
    assert_int_equal(look("ceremony.txt").st_size, record.st_size);
}

/* After a crash between key and certificate the key is kept, and the certificate is made for it. */
static void taken_up_after_a_crash(void **state)
{
    struct ch_fault f = {0};
    struct hierarchy h;
    struct stat key = look("ca-sm2.key");

    (void)state;
    assert_int_equal(unlink(in_folder("ca-sm2.cer")), 0);
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_OK);
    assert_int_equal(look("ca-sm2.key").st_ino, key.st_ino);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    hierarchy_free(&h);
}

static void record_names_what_was_made(void **state)
{
    char text[8192] = "";
    FILE *f = fopen(in_folder("ceremony.txt"), "r");

    (void)state;
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    X509 *root = hierarchy_certificate(folder, "root-rsa.cer");
    assert_non_null(strstr(text, ch_sha256_hex(a, ch_cert_der(a, root))));
    assert_non_null(strstr(text, "CN=示范CA 根CA RSA"));
    X509_free(root);
}

static void loads_and_makes_a_chain(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(folder_algorithms); i++) {
        struct ch_fault f = {0};
        struct hierarchy h;
        assert_int_equal(hierarchy_load(folder, folder_algorithms[i], &h, &f), CH_OK);
        assert_true(X509_get_extension_flags(h.ca) & EXFLAG_CA);
        assert_int_equal(X509_get_pathlen(h.ca), 0);
        assert_int_equal(X509_get_key_usage(h.ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
        assert_int_equal(X509_get_key_usage(h.root), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
        assert_false(ch_cert_verify(h.root, h.ca));
        hierarchy_free(&h);
    }
}

static void root_key_may_be_away(void **state)
{
    struct ch_fault f = {0};
    struct hierarchy h;

    (void)state;
    assert_int_equal(rename(in_folder("root-sm2.key"), in_folder("away")), 0);
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_OK);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    hierarchy_free(&h);
    assert_int_equal(access(in_folder("root-sm2.key"), F_OK), -1);
    assert_int_equal(rename(in_folder("away"), in_folder("root-sm2.key")), 0);
}

/* The state that an earlier version left: only root and issuing CA, with the root's key in a safe. */
static void earlier_folders_get_what_is_missing(void **state)
{
    static const char *const later[] = {"ocsp-sm2.key", "ocsp-sm2.cer",     "seal-sm2.key",
                                        "seal-sm2.cer", "evidence-sm2.key", "evidence-sm2.cer"};
    struct ch_fault f = {0};
    struct hierarchy h;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(later); i++)
        assert_int_equal(unlink(in_folder(later[i])), 0);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    assert_null(h.ocsp);
    hierarchy_free(&h);
    assert_int_equal(rename(in_folder("root-sm2.key"), in_folder("away")), 0);
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_OK);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    assert_true(h.ocsp != NULL && h.seal != NULL && h.evidence != NULL);
    hierarchy_free(&h);
    /* A missing issuing certificate cannot be made without the root's key, and no other root is made. */
    assert_int_equal(rename(in_folder("ca-sm2.cer"), in_folder("ca-away")), 0);
    assert_int_equal(hierarchy_make(folder, "sm2", &folder_authority, &f), CH_E_INTERNAL);
    assert_int_equal(access(in_folder("root-sm2.key"), F_OK), -1);
    assert_int_equal(rename(in_folder("ca-away"), in_folder("ca-sm2.cer")), 0);
    assert_int_equal(rename(in_folder("away"), in_folder("root-sm2.key")), 0);
}

static void what_signs_statuses_and_seals(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(folder_algorithms); i++) {
        struct ch_fault f = {0};
        struct hierarchy h;
        assert_int_equal(hierarchy_load(folder, folder_algorithms[i], &h, &f), CH_OK);
        assert_int_equal(X509_get_key_usage(h.ocsp), KU_DIGITAL_SIGNATURE);
        assert_int_equal(X509_get_extended_key_usage(h.ocsp), XKU_OCSP_SIGN);
        assert_true(X509_get_ext_by_NID(h.ocsp, NID_id_pkix_OCSP_noCheck, -1) >= 0);
        assert_int_equal(X509_get_ext_by_NID(h.ocsp, NID_info_access, -1), -1);
        assert_int_equal(X509_get_ext_by_NID(h.ocsp, NID_crl_distribution_points, -1), -1);
        assert_int_equal(ch_cert_end(h.ocsp) - ch_cert_start(h.ocsp), 90 * 86400 - 1);
        assert_int_equal(X509_get_key_usage(h.seal), KU_DIGITAL_SIGNATURE);
        assert_false(X509_get_extension_flags(h.seal) & EXFLAG_CA);
        hierarchy_free(&h);
    }
}

static void renewed_in_its_last_third(void **state)
{
    struct ch_fault f = {0};
    struct hierarchy h;
    unsigned char tbs[CH_SM3_BYTES];

    (void)state;
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    int64_t start = ch_cert_start(h.ocsp), end = ch_cert_end(h.ocsp);
    assert_false(hierarchy_due(h.ocsp, start));
    assert_false(hierarchy_due(h.ocsp, end - (end - start) / 3));
    assert_true(hierarchy_due(h.ocsp, end - (end - start) / 3 + 1));
    assert_true(hierarchy_due(h.ocsp, end + 1));
    X509 *next = hierarchy_ocsp_next(&h, &folder_authority, &f);
    assert_non_null(next);
    assert_true(ch_cert_fix(next, h.ca_key, tbs) && ch_cert_sign(next, h.ca_key, tbs));
    char *serial = ch_cert_serial(a, next);
    assert_string_not_equal(serial, ch_cert_serial(a, h.ocsp));
    assert_int_equal(hierarchy_ocsp_replace(folder, &h, next, &f), CH_OK);
    /* A certificate that the CA has not signed, or that has another key, is not taken. */
    X509 *strange = hierarchy_ocsp_next(&h, &folder_authority, &f);
    assert_true(ch_cert_fix(strange, h.seal_key, tbs) && ch_cert_sign(strange, h.seal_key, tbs));
    assert_int_equal(hierarchy_ocsp_replace(folder, &h, strange, &f), CH_E_INTERNAL);
    assert_int_equal(hierarchy_ocsp_replace(folder, &h, h.seal, &f), CH_E_INTERNAL);
    X509_free(strange);
    hierarchy_free(&h);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    assert_string_equal(ch_cert_serial(a, h.ocsp), serial);
    hierarchy_free(&h);
}

static void swap(const char *x, const char *y)
{
    assert_int_equal(rename(in_folder(x), in_folder("away")), 0);
    assert_int_equal(rename(in_folder(y), in_folder(x)), 0);
    assert_int_equal(rename(in_folder("away"), in_folder(y)), 0);
}

static void wrong_pairs_are_refused(void **state)
{
    struct ch_fault f = {0};
    struct hierarchy h;

    (void)state;
    swap("ca-sm2.cer", "ca-rsa.cer");
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_E_INTERNAL);
    swap("ca-sm2.cer", "ca-rsa.cer");
    swap("root-sm2.cer", "root-rsa.cer");
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_E_INTERNAL);
    swap("root-sm2.cer", "root-rsa.cer");
    chmod(in_folder("ca-sm2.key"), 0444);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_E_INTERNAL);
    chmod(in_folder("ca-sm2.key"), 0400);
    assert_int_equal(hierarchy_load(folder, "sm2", &h, &f), CH_OK);
    hierarchy_free(&h);
}

static void wrong_passphrase(void **state)
{
    (void)state;
    assert_null(keystore_key_read(a, folder, "ca-sm2", "quite another passphrase"));
    EVP_PKEY *key = keystore_key_read(a, folder, "ca-sm2", keystore_passphrase(a, folder, false));
    assert_non_null(key);
    assert_false(keystore_key_write(a, folder, "ca-sm2", "never over another", key));
    EVP_PKEY_free(key);
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
        cmocka_unit_test(files_are_private),
        cmocka_unit_test(a_second_run_changes_nothing),
        cmocka_unit_test(taken_up_after_a_crash),
        cmocka_unit_test(record_names_what_was_made),
        cmocka_unit_test(loads_and_makes_a_chain),
        cmocka_unit_test(root_key_may_be_away),
        cmocka_unit_test(earlier_folders_get_what_is_missing),
        cmocka_unit_test(what_signs_statuses_and_seals),
        cmocka_unit_test(renewed_in_its_last_third),
        cmocka_unit_test(wrong_pairs_are_refused),
        cmocka_unit_test(wrong_passphrase),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
