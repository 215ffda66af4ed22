/* SPDX-License-Identifier: Apache-2.0
 * Keys in a token: SoftHSM stands in for the HSM. A family whose issuing key never leaves it signs like another;
 * certificates are its, and what does not fit is refused. */
#include "programs/signer/tests/folder.h"

#include "core/base/config.h"
#include "core/base/clock.h"
#include "core/base/harden.h"
#include "programs/signer/ceremony.h"
#include "programs/signer/issue.h"
#include "programs/signer/keystore.h"
#include "programs/signer/token.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "4826159037"
#define URI(object) "pkcs11:token=certhall;object=" object ";type=private"

static struct ch_arena *a;
static char place[] = "/tmp/certhall-hsm-XXXXXX"; /* of the token, its PIN, the settings */

static char *in_place(const char *file)
{
    return ch_printf(a, "%s/%s", place, file);
}

static bool put(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return ok;
}

static bool run(const char *command)
{
    return system(ch_printf(a, "{ %s; } >%s 2>&1", command, in_place("log"))) == 0;
}

static bool make_key(const char *type, const char *label, const char *id)
{
    return run(ch_printf(a,
                         "pkcs11-tool --module " MODULE " --token-label certhall --login --pin " PIN
                         " --keypairgen --key-type %s --label %s --id %s",
                         type, label, id));
}

static const char *const types[][2] = {{"rsa", "rsa:2048"}, {"p256", "EC:prime256v1"}};

/* The settings are read once a process: they are there before the first test. The library of the token then works under the list of
 * system calls that the signer has with an HSM; what the tests run besides needs to start programs. */
static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1);
    if (mkdtemp(place) == NULL || mkdir(in_place("tokens"), 0700) != 0 ||
        !put(in_place("softhsm2.conf"), ch_printf(a, "directories.tokendir = %s\n", in_place("tokens")), 0600) ||
        !put(in_place("pin"), PIN "\n", 0400) ||
        !put(in_place("hall.conf"), ch_printf(a, "pkcs11_module = " MODULE "\npkcs11_pin = %s\n", in_place("pin")), 0600))
        return -1;
    setenv("SOFTHSM2_CONF", in_place("softhsm2.conf"), 1);
    setenv("CERTHALL_CONF", in_place("hall.conf"), 1);
    if (!ch_config_load() || mkdtemp(folder) == NULL || folder_profiles() == NULL ||
        !run("softhsm2-util --init-token --free --label certhall --so-pin 11112222 --pin " PIN))
        return -1;
    for (size_t i = 0; i < CH_COUNT(types); i++)
        if (!make_key(types[i][1], ch_printf(a, "root-%s", types[i][0]), ch_printf(a, "1%zu", i)) ||
            !make_key(types[i][1], ch_printf(a, "ca-%s", types[i][0]), ch_printf(a, "2%zu", i)))
            return -1;
    return make_key("EC:secp384r1", "other", "33") && ch_harden(CH_NEEDS_DAEMON | CH_NEEDS_DEVICE | CH_NEEDS_EXEC) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    bool removed = run(ch_printf(a, "rm -rf %s/tokens %s/pin %s/hall.conf %s/softhsm2.conf", place, place, place, place));
    unlink(in_place("log"));
    rmdir(place);
    ch_arena_free(a);
    return removed ? folder_remove() : -1;
}

static enum ch_err hold(const char *algorithm, const char *const *keys, const char *answers)
{
    const struct ceremony_order order = {.dir = folder, .algorithm = algorithm, .keys = keys, .who = &folder_authority};
    struct ch_fault f = {0};
    FILE *in = fmemopen((void *)(uintptr_t)answers, strlen(answers), "r"), *out = fopen("/dev/null", "w");
    enum ch_err e = ceremony_hold(&order, in, out, &f);

    fclose(in);
    fclose(out);
    return e;
}

/* The keys of root and issuing CA are in the token and the two others in files; all of them sign. */
static void a_family_with_keys_in_the_token(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(types); i++) {
        const char *algorithm = types[i][0];
        const char *const keys[] = {ch_printf(a, "root=" URI("root-%s"), algorithm),
                                    ch_printf(a, "ca=" URI("ca-%s"), algorithm), NULL};
        const char *answers = ch_printf(a, "演练\n张三 管理员\n李四 见证人\n\n生成 %s\n", algorithm);
        struct ch_fault f = {0};
        struct hierarchy h;
        assert_int_equal(hold(algorithm, keys, answers), CH_OK);
        assert_false(keystore_has(a, folder, ch_printf(a, "ca-%s.key", algorithm)));
        assert_string_equal(keystore_key_place(a, folder, ch_printf(a, "ca-%s", algorithm)),
                            ch_printf(a, URI("ca-%s"), algorithm));
        assert_string_equal(keystore_key_place(a, folder, ch_printf(a, "ocsp-%s", algorithm)), "file");
        assert_int_equal(hierarchy_load(folder, algorithm, &h, &f), CH_OK);
        assert_string_equal(ch_alg_of(h.ca_key), algorithm);
        assert_true(ch_cert_verify(h.ca, h.root) && ch_cert_verify(h.ocsp, h.ca));
        hierarchy_free(&h);
    }
}

static void it_issues(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(types); i++) {
        struct ch_certificate_plan p = {.profile = ch_profile_find(folder_authority.profiles, "natural"),
                                        .subject = {.person_name = "张三"},
                                        .serial = {1, 2, 3},
                                        .not_before = ch_now_ms() / 1000,
                                        .origin = "https://hall.example",
                                        .site = "https://ca.example"};
        struct ch_fault f = {0};
        struct hierarchy h;
        struct issue made;
        p.not_after = p.not_before + 86400;
        assert_int_equal(hierarchy_load(folder, types[i][0], &h, &f), CH_OK);
        assert_int_equal(issue_prepare(&h, &p, &made, &f), CH_OK);
        assert_int_equal(issue_sign(&h, &made, &f), CH_OK);
        assert_true(ch_cert_verify(made.cert, h.ca));
        issue_free(&made);
        struct ch_bytes sig; /* as revocation lists and statuses are signed */
        assert_true(ch_sign(a, h.ca_key, NULL, CH_LIT("bytes"), &sig));
        assert_true(ch_verify(X509_get0_pubkey(h.ca), NULL, CH_LIT("bytes"), sig));
        hierarchy_free(&h);
    }
}

/* With a URI of another key than the certificate's nothing is served. */
static void swapped_key(void **state)
{
    struct ch_fault f = {0};
    struct hierarchy h;
    const char *uri = ch_printf(a, "%s/ca-p256.uri", folder);

    (void)state;
    assert_int_equal(chmod(uri, 0600), 0);
    assert_true(put(uri, URI("root-p256") "\n", 0600));
    assert_int_equal(hierarchy_load(folder, "p256", &h, &f), CH_E_INTERNAL);
    assert_true(put(uri, URI("ca-rsa") "\n", 0600));
    assert_int_equal(hierarchy_load(folder, "p256", &h, &f), CH_E_INTERNAL);
    assert_true(put(uri, URI("ca-p256") "\n", 0600));
    assert_int_equal(hierarchy_load(folder, "p256", &h, &f), CH_OK);
    hierarchy_free(&h);
}

static void uris(void **state)
{
    (void)state;
    assert_true(token_uri_ok(URI("ca-rsa")));
    assert_false(token_uri_ok("file:/etc/passwd"));
    assert_false(token_uri_ok("pkcs11:object=x?pin-value=1234")); /* a PIN does not stand in a file that is no secret */
    assert_false(token_uri_ok("pkcs11:object=x?pin-source=/x"));
    assert_false(token_uri_ok("pkcs11:object=a b"));
    assert_null(token_key("pkcs11:token=certhall;object=nothing;type=private"));
    assert_null(token_key(URI("other"))); /* P-384 */
    EVP_PKEY *key = token_key(URI("ca-rsa"));
    assert_non_null(key);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_with_keys_in_the_token),
        cmocka_unit_test(it_issues),
        cmocka_unit_test(swapped_key),
        cmocka_unit_test(uris),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
