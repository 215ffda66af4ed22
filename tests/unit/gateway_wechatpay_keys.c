/* SPDX-License-Identifier: Apache-2.0
 * Which key WeChat signs with, asked by many threads at once: a server of this test hands out a certificate. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/wechatpay/keys.h"
#include "core/gateway/wechatpay/sign.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define V3KEY "0123456789abcdef0123456789abcdef"
#define SERIAL "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
#define THREADS 8

static char folder[] = "/tmp/ch_keys.XXXXXX";
static EVP_PKEY *key; /* WeChat's, and the merchant's: one will do */
static char pem[4096];
static int listener;
static atomic_int fetches;

static void make_certificate(void)
{
    X509 *x = X509_new();
    BIGNUM *n = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    char *text;

    BN_hex2bn(&n, SERIAL);
    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    PEM_write_bio_X509(out, x);
    long size = BIO_get_mem_data(out, &text);
    snprintf(pem, sizeof pem, "%.*s", (int)size, text);
    BIO_free(out);
    BN_free(n);
    X509_free(x);
}

static char *answer(struct ch_arena *a)
{
    const char *encrypted = ch_wechatpay_encrypt(a, V3KEY, "abcdefghijkl", "certificate", CH_BYTES(pem, strlen(pem)));
    const char *body = ch_printf(a,
                                 "{\"data\":[{\"serial_no\":\"" SERIAL "\",\"encrypt_certificate\":{\"algorithm\":"
                                 "\"AEAD_AES_256_GCM\",\"nonce\":\"abcdefghijkl\",\"associated_data\":\"certificate\","
                                 "\"ciphertext\":\"%s\"}}]}",
                                 encrypted);
    const char *now = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000));
    const char *signature = ch_wechatpay_sign(a, key, ch_wechatpay_answer_text(a, now, "n", CH_BYTES(body, strlen(body))));

    return ch_printf(a,
                     "HTTP/1.1 200 OK\r\nWechatpay-Timestamp: %s\r\nWechatpay-Nonce: n\r\nWechatpay-Serial: " SERIAL
                     "\r\nWechatpay-Signature: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                     now, signature, strlen(body), body);
}

/* One connection after the other; slow, so that all threads wait at the same time. */
static void *serve(void *unused)
{
    char request[4096];
    int fd;

    (void)unused;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        struct ch_arena *a = ch_arena_new();
        const char *text = answer(a);
        ssize_t n = read(fd, request, sizeof request);
        if (n > 0 && strncmp(request, "GET /v3/certificates ", 21) == 0)
            fetches++;
        usleep(100000);
        if (write(fd, text, strlen(text)) < 0)
            perror("write");
        close(fd);
        ch_arena_free(a);
    }
    return NULL;
}

static void *ask(void *found)
{
    struct ch_arena *a = ch_arena_new();
    EVP_PKEY *k = ch__wechatpay_key(a, SERIAL);

    *(bool *)found = k != NULL && EVP_PKEY_eq(k, key) == 1;
    ch_arena_free(a);
    return NULL;
}

static void many_ask_and_one_fetches(void **state)
{
    pthread_t threads[THREADS];
    bool found[THREADS] = {false};

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &found[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(found[i]);
    }
    assert_int_equal(fetches, 1);
}

static void an_unknown_serial_fetches_once_a_minute(void **state)
{
    struct ch_arena *a = ch_arena_new();
    int before = fetches;

    (void)state;
    assert_null(ch__wechatpay_key(a, "6157F09EFDC096DE15EBE81A47057A7232F1B8E1"));
    assert_null(ch__wechatpay_key(a, "PUB_KEY_ID_0100000000000000000000000009"));
    assert_null(ch__wechatpay_key(a, "no serial"));
    assert_null(ch__wechatpay_key(a, ""));
    assert_int_equal(fetches, before);
    ch_arena_free(a);
}

static void the_newest_names_itself(void **state)
{
    struct ch_arena *a = ch_arena_new();

    (void)state;
    assert_string_equal(ch__wechatpay_own_serial(a), SERIAL);
    ch_arena_free(a);
}

static void write_key(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    if (strcmp(name, "v3.key") == 0)
        fputs(V3KEY, f);
    else
        PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    fclose(f);
}

static int begin(void **state)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof addr;
    pthread_t server;
    char path[256];

    (void)state;
    key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (key == NULL || mkdtemp(folder) == NULL || bind(listener, (struct sockaddr *)&addr, sizeof addr) != 0 ||
        listen(listener, 16) != 0 || getsockname(listener, (struct sockaddr *)&addr, &n) != 0)
        return 1;
    make_certificate();
    write_key("v3.key");
    write_key("merchant.pem");
    snprintf(path, sizeof path, "%s/hall.conf", folder);
    FILE *f = fopen(path, "w");
    fprintf(f,
            "keys = %s\nwechatpay_url = http://127.0.0.1:%d\nwechatpay_certificates = yes\nwechatpay_mchid = 19\n"
            "wechatpay_serial = 7A\nwechatpay_v3key = v3.key\nwechatpay_key = merchant.pem\n",
            folder, ntohs(addr.sin_port));
    fclose(f);
    setenv("CERTHALL_CONF", path, 1);
    return !ch_config_load() || pthread_create(&server, NULL, serve, NULL) != 0 || pthread_detach(server) != 0;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ask_and_one_fetches),
        cmocka_unit_test(an_unknown_serial_fetches_once_a_minute),
        cmocka_unit_test(the_newest_names_itself),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
