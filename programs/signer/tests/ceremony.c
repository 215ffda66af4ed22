/* SPDX-License-Identifier: Apache-2.0
 * The key ceremony: who does not agree gets nothing; the record tells who, why and what, with fingerprints. */
#include "programs/signer/tests/folder.h"

#include "core/base/codec.h"
#include "core/base/harden.h"
#include "core/pki/certificate.h"
#include "programs/signer/ceremony.h"
#include "programs/signer/keystore.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct ch_arena *a;

static enum ch_err hold(const char *answers, const char *const *keys)
{
    static const char *const none[] = {NULL};
    const struct ceremony_order order = {
        .dir = folder, .algorithm = "sm2", .keys = keys != NULL ? keys : none, .who = &folder_authority};
    struct ch_fault f = {0};
    FILE *in = fmemopen((void *)(uintptr_t)answers, strlen(answers), "r"), *out = fopen("/dev/null", "w");
    enum ch_err e = ceremony_hold(&order, in, out, &f);

    fclose(in);
    fclose(out);
    return e;
}

static void who_does_not_agree_gets_nothing(void **state)
{
    static const char *const answers[] = {
        "\n",                              /* no purpose */
        "启用\n张三 管理员\n\n生成 sm2\n", /* one person */
        "启用\n张三 管理员\n李四 见证人\n\n不同意\n",
        "启用\n张三 管理员\n李四 见证人\n\n生成 rsa\n",
        "启用\n张三 管理员\n李四 见证人\n\n生成 sm2", /* cut off */
        "启用\n张三 管理员\n李四 见证人\n",
        "启用\n\xff\xfe\n李四\n\n生成 sm2\n",
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(answers); i++)
        assert_int_equal(hold(answers[i], NULL), CH_E_CONFLICT);
    assert_false(keystore_has(a, folder, "root-sm2.cer") || keystore_has_key(a, folder, "root-sm2"));
    static const char *const wrong[][2] = {
        {"root=file:/etc/passwd", NULL}, {"tsa=pkcs11:object=x", NULL}, {"pkcs11:object=x", NULL}};
    for (size_t i = 0; i < CH_COUNT(wrong); i++)
        assert_int_equal(hold("启用\n张三\n李四\n\n生成 sm2\n", wrong[i]), CH_E_CONFLICT);
    assert_false(keystore_has(a, folder, "root-sm2.cer") || keystore_has_key(a, folder, "root-sm2"));
}

/* The one record in the folder. */
static char *record(void)
{
    char *text = ch_alloc(a, 65536);
    DIR *dir = opendir(folder);

    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (strncmp(e->d_name, "ceremony-sm2-", 13) == 0) {
            FILE *in = fopen(ch_printf(a, "%s/%s", folder, e->d_name), "r");
            assert_true(fread(text, 1, 65535, in) > 0);
            fclose(in);
        }
    closedir(dir);
    return text;
}

static void the_record(void **state)
{
    static const char *const words[] = {"密钥仪式记录",        BRAND,         "启用 SM2 签发机构",
                                        "张三 密钥管理员",     "李四 见证人", "王五 审计员",
                                        "加密文件 ca-sm2.key", "本次生成",    "签字 ____"};
    static const char *const roles[] = {"root", "ca", "ocsp", "seal", "evidence"};

    (void)state;
    assert_int_equal(hold("启用 SM2 签发机构\n  张三 密钥管理员 \n李四 见证人\n王五 审计员\n\n生成 sm2\n", NULL), CH_OK);
    const char *text = record();
    for (size_t i = 0; i < CH_COUNT(words); i++)
        assert_non_null(strstr(text, words[i]));
    for (size_t i = 0; i < CH_COUNT(roles); i++) {
        X509 *x = hierarchy_certificate(folder, ch_printf(a, "%s-sm2.cer", roles[i]));
        struct ch_bytes der = ch_cert_der(a, x);
        unsigned char sm3[CH_SM3_BYTES];
        ch_sm3(der, sm3);
        assert_non_null(strstr(text, ch_sha256_hex(a, der)));
        assert_non_null(strstr(text, ch_hex(a, CH_BYTES(sm3, sizeof sm3))));
        assert_non_null(strstr(text, ch_cert_serial(a, x)));
        X509_free(x);
    }
    assert_null(strstr(text, "原有"));
    assert_null(strstr(text, keystore_passphrase(a, folder, false)));
}

#ifndef __SANITIZE_ADDRESS__ /* such a build keeps its system calls (core/base/harden.h) */
/* The process cannot take this back, so it is one of its own: Unix sockets work, others do not. */
static void no_network(void **state)
{
    (void)state;
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (!ch_harden(CH_NEEDS_DAEMON))
            _exit(1);
        int local = socket(AF_UNIX, SOCK_STREAM, 0), inet = socket(AF_INET, SOCK_STREAM, 0), why = errno;
        int inet6 = socket(AF_INET6, SOCK_DGRAM, 0), raw = socket(AF_PACKET, SOCK_RAW, 0),
            link = socket(AF_NETLINK, SOCK_RAW, 0);
        _exit(local >= 0 && inet < 0 && why == EPERM && inet6 < 0 && raw < 0 && link < 0 ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1);
    return mkdtemp(folder) != NULL && folder_profiles() != NULL ? 0 : -1;
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
        cmocka_unit_test(who_does_not_agree_gets_nothing),
        cmocka_unit_test(the_record),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(no_network),
#endif
    };
    return cmocka_run_group_tests(tests, begin, end);
}
