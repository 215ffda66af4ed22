/* SPDX-License-Identifier: Apache-2.0
 * Key files: opened by the openssl command as a person would, with the strength that was asked for. */
#include "programs/signer/tests/folder.h"

#include "core/base/config.h"
#include "core/crypto/pin.h"
#include "programs/signer/issue.h"
#include "programs/signer/key_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <openssl/pkcs12.h>

#include <cmocka.h>

#define ITERATIONS 3000 /* neither OpenSSL's default nor what a real installation uses */

static struct ch_arena *a;

static char *in_folder(const char *file)
{
    return ch_printf(a, "%s/%s", folder, file);
}

/* The output of a command, with its errors. The PIN is passed in the environment, as it should be. */
static char *output(const char *command)
{
    char *text = ch_alloc(a, 16384);
    FILE *p = popen(command, "r");

    assert_non_null(p);
    size_t n = fread(text, 1, 16383, p);
    text[n] = '\0';
    pclose(p);
    return text;
}

static void write_file(const char *file, struct ch_bytes b)
{
    FILE *f = fopen(in_folder(file), "w");

    assert_int_equal(fwrite(b.p, 1, b.n, f), b.n);
    assert_int_equal(fclose(f), 0);
}

/* Issues for 张三 and leaves leaf-<algorithm>.p12 and .cer in the folder. */
static void issue_one(const char *algorithm, const char *pin)
{
    struct ch_fault f = {0};
    struct hierarchy ca;
    struct issue i;
    struct ch_bytes p12;
    struct ch_certificate_plan p = {.profile = ch_profile_find(folder_authority.profiles, "natural"),
                                    .subject = {.person_name = "张三"},
                                    .origin = "http://127.0.0.1:8080",
                                    .site = "https://ca.example"};

    issue_serial(p.serial);
    assert_int_equal(hierarchy_load(folder, algorithm, &ca, &f), CH_OK);
    p.not_before = time(NULL) - CLOCK_SKEW;
    p.not_after = issue_end(p.not_before, 2, ca.ca);
    assert_int_equal(issue_prepare(&ca, &p, &i, &f), CH_OK);
    assert_int_equal(issue_sign(&ca, &i, &f), CH_OK);
    STACK_OF(X509) *chain = issue_chain(&ca);
    assert_int_equal(key_file_make(a, &(struct key_entry){i.key, i.cert, "张三"}, 1, chain, pin, ITERATIONS, &p12, &f),
                     CH_OK);
    sk_X509_free(chain);
    write_file(ch_printf(a, "leaf-%s.p12", algorithm), p12);
    write_file(ch_printf(a, "leaf-%s.cer", algorithm), ch_cert_der(a, i.cert));
    issue_free(&i);
    hierarchy_free(&ca);
}

/* The command prints no Chinese, so the name that a person picks the certificate by is read here. */
static void lint_friendly_name(const char *p12, const char *pin)
{
    FILE *f = fopen(p12, "r");
    PKCS12 *file = d2i_PKCS12_fp(f, NULL);
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    int n;

    fclose(f);
    assert_int_equal(PKCS12_parse(file, pin, &key, &cert, NULL), 1);
    assert_string_equal((const char *)X509_alias_get0(cert, &n), "张三");
    X509_free(cert);
    EVP_PKEY_free(key);
    PKCS12_free(file);
}

static void check_one(const char *algorithm)
{
    const char *p12 = in_folder(ch_printf(a, "leaf-%s.p12", algorithm));
    const char *pin = ch_pin_make(a, false);

    issue_one(algorithm, pin);
    setenv("PIN", pin, 1);
    char *info = output(ch_printf(a, "openssl pkcs12 -in %s -passin env:PIN -info -nokeys 2>&1", p12));
    assert_non_null(strstr(info, "MAC: sha256, Iteration 3000\n"));
    assert_non_null(strstr(info, "PBES2, PBKDF2, AES-256-CBC, Iteration 3000, PRF hmacWithSHA256"));
    assert_null(strstr(info, "Iteration 2048"));
    lint_friendly_name(p12, pin);
    int certificates = 0;
    for (const char *at = info; (at = strstr(at, "-----BEGIN CERTIFICATE-----")) != NULL; at++)
        certificates++;
    assert_int_equal(certificates, 3);
    char *key = output(ch_printf(a, "openssl pkcs12 -in %s -passin env:PIN -nocerts -noenc | openssl pkey -pubout", p12));
    char *cert = output(ch_printf(a, "openssl x509 -inform der -in %s -noout -pubkey",
                                  in_folder(ch_printf(a, "leaf-%s.cer", algorithm))));
    assert_non_null(strstr(key, "BEGIN PUBLIC KEY"));
    assert_string_equal(key, cert);
    setenv("PIN", "222222222222", 1);
    assert_null(strstr(output(ch_printf(a, "openssl pkcs12 -in %s -passin env:PIN -nodes 2>&1", p12)), "BEGIN"));
    unsetenv("PIN");
}

static void opened_by_openssl(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(folder_algorithms); i++)
        check_one(folder_algorithms[i]);
}

/* The RSA chain, checked from outside as strictly as openssl can. (Its command cannot give an SM2 id to three levels:
 * tests/interop/java does that.) */
static void rsa_chain_verifies(void **state)
{
    char *command = ch_printf(a,
                              "cd %s && openssl x509 -inform der -in root-rsa.cer -out leaf-rsa.p12 && "
                              "openssl x509 -inform der -in ca-rsa.cer | "
                              "openssl verify -x509_strict -purpose sslclient "
                              "-CAfile leaf-rsa.p12 -untrusted /dev/stdin leaf-rsa.cer 2>&1",
                              folder);
    (void)state;
    assert_non_null(strstr(output(command), "leaf-rsa.cer: OK"));
}

static void default_cost(void **state)
{
    (void)state;
    assert_string_equal(ch_conf_row(CONF_PKCS12_ITER)->def, "600000");
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
    int failed = folder_remove();
    ch_arena_free(a);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opened_by_openssl),
        cmocka_unit_test(rsa_chain_verifies),
        cmocka_unit_test(default_cost),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
