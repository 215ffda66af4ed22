/* SPDX-License-Identifier: Apache-2.0
 * certhall-sandbox-keys: makes fresh keys for both sides of every vendor that the sandbox plays, and prints the lines that
 * the hall's settings need. What is there already is kept and printed again. `--json` prints them as one JSON object, for
 * the tests that bring the vendors' own SDKs.
 *
 * Written: the vendors' side into the folder of setting sandbox_keys, the hall's side into that of setting keys. */
#include "core/base/arena.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/json/json.h"
#include "modules/sandbox/register.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS "0123456789"
#define HEXDIGITS "0123456789ABCDEF"
#define LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static struct ch_arena *a;

static void die(const char *what, const char *name)
{
    fprintf(stderr, "certhall-sandbox-keys: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static char *path_of(enum ch_conf folder, const char *file)
{
    return ch_printf(a, "%s/%s", ch_conf(folder), file);
}

static void write_file(enum ch_conf folder, const char *file, struct ch_bytes text)
{
    const char *path = path_of(folder, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) != 0 || close(fd) != 0)
        die("cannot write", path);
}

static void write_text(enum ch_conf folder, const char *file, const char *text)
{
    write_file(folder, file, CH_BYTES(text, strlen(text)));
}

static void write_key(enum ch_conf folder, const char *file, EVP_PKEY *key, bool private)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *p;

    if (out == NULL || (private ? PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL)
                                : PEM_write_bio_PUBKEY(out, key)) != 1)
        die("cannot encode", file);
    long n = BIO_get_mem_data(out, &p);
    write_file(folder, file, CH_BYTES(p, (size_t)n));
    BIO_free(out);
}

/* A pair: the private half in one folder, the public one in the other. */
static void make_pair(const char *kind, enum ch_conf private_folder, const char *private_file, enum ch_conf public_folder,
                      const char *public_file)
{
    EVP_PKEY *key = strcmp(kind, "RSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                                             : EVP_PKEY_Q_keygen(NULL, NULL, "SM2");

    if (key == NULL)
        die("cannot make a key for", private_file);
    write_key(private_folder, private_file, key, true);
    write_key(public_folder, public_file, key, false);
    EVP_PKEY_free(key);
}

/* The numbers and secrets that both sides know. */
static char *make_register(void)
{
    const struct {
        const char *key, *value;
    } facts[] = {
        {"merchant_name", ch_conf(CONF_BRAND_NAME)},
        {"wechat_appid", ch_printf(a, "wx%s", ch_random_text(a, "0123456789abcdef", 16))},
        {"wechat_mchid", ch_printf(a, "19%s", ch_random_text(a, DIGITS, 8))},
        {"wechat_serial", ch_printf(a, "7%s", ch_random_text(a, HEXDIGITS, 39))},
        {"wechat_v3key", ch_random_text(a, LETTERS, 32)},
        {"wechat_key_id", ch_printf(a, "PUB_KEY_ID_01%s", ch_random_text(a, DIGITS, 26))},
        {"tencent_secret_id", ch_printf(a, "AKID%s", ch_random_text(a, LETTERS, 32))},
        {"tencent_secret_key", ch_random_text(a, LETTERS, 32)},
        {"tencent_sms_app", ch_printf(a, "14%s", ch_random_text(a, DIGITS, 8))},
        {"tencent_rule", "1"},
        {"cmb_uid", ch_printf(a, "N%s", ch_random_text(a, DIGITS, 9))},
        {"cmb_sm4", ch_random_text(a, LETTERS, 16)},
        {"cmb_account", ch_printf(a, "7559%s", ch_random_text(a, DIGITS, 11))},
        {"cmb_mode", "00001"},
    };
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (size_t i = 0; i < CH_COUNT(facts); i++)
        ch_jw_text(&w, facts[i].key, facts[i].value);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* The register, or NULL when none was made yet. */
static struct ch_json *read_register(void)
{
    char text[8192];
    struct ch_json *root = NULL;
    FILE *f = fopen(path_of(CONF_SANDBOX_KEYS, SANDBOX_REGISTER_FILE), "re");

    if (f == NULL)
        return NULL;
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    return ch_json_parse(a, CH_BYTES(text, n), &root, NULL) == CH_JSON_OK ? root : NULL;
}

/* The files of the hall's side; their names are the defaults of the settings, but the platform's public key. */
#define WECHAT_PLATFORM_PUB "wechatpay-platform.pub"

static void make_folder(enum ch_conf folder)
{
    if (mkdir(ch_conf(folder), 0700) != 0 && errno != EEXIST)
        die("cannot make", ch_conf(folder));
}

static struct ch_json *make_all(void)
{
    const char *text = make_register();
    struct ch_json *reg = NULL;

    if (ch_json_parse(a, CH_BYTES(text, strlen(text)), &reg, NULL) != CH_JSON_OK)
        die("cannot read back", SANDBOX_REGISTER_FILE);
    make_folder(CONF_KEYS);
    make_folder(CONF_SANDBOX_KEYS);
    make_pair("RSA", CONF_KEYS, ch_conf(CONF_WECHAT_KEY), CONF_SANDBOX_KEYS, SANDBOX_WECHAT_MERCHANT);
    make_pair("RSA", CONF_SANDBOX_KEYS, SANDBOX_WECHAT_PLATFORM, CONF_KEYS, WECHAT_PLATFORM_PUB);
    make_pair("SM2", CONF_KEYS, ch_conf(CONF_CMB_KEY), CONF_SANDBOX_KEYS, SANDBOX_CMB_CUSTOMER);
    make_pair("SM2", CONF_SANDBOX_KEYS, SANDBOX_CMB_BANK, CONF_KEYS, ch_conf(CONF_CMB_BANK_KEY));
    write_text(CONF_KEYS, ch_conf(CONF_WECHAT_V3KEY), ch_json_text(reg, "wechat_v3key"));
    write_text(CONF_KEYS, ch_conf(CONF_TC_SECRET_KEY), ch_json_text(reg, "tencent_secret_key"));
    write_text(CONF_KEYS, ch_conf(CONF_CMB_SM4), ch_json_text(reg, "cmb_sm4"));
    write_text(CONF_SANDBOX_KEYS, SANDBOX_REGISTER_FILE, text); /* last: its being there says that all is */
    return reg;
}

/* ":8080" of the hall's own address: the vendors answer at the same port. */
static const char *port(void)
{
    const char *host = strstr(ch_conf(CONF_ORIGIN), "://"), *colon = host != NULL ? strchr(host + 3, ':') : NULL;
    return colon != NULL ? colon : ":80";
}

struct line {
    const char *key, *value;
};

/* What the hall must know; returns how many. */
static size_t settings(const struct ch_json *reg, struct line out[16])
{
    const struct line lines[] = {
        {"wechatpay_url", ch_printf(a, "http://127.0.0.11%s", port())},
        {"wechatpay_appid", ch_json_text(reg, "wechat_appid")},
        {"wechatpay_mchid", ch_json_text(reg, "wechat_mchid")},
        {"wechatpay_serial", ch_json_text(reg, "wechat_serial")},
        {"wechatpay_pubkeys", ch_printf(a, "%s=" WECHAT_PLATFORM_PUB, ch_json_text(reg, "wechat_key_id"))},
        {"tencent_secret_id", ch_json_text(reg, "tencent_secret_id")},
        {"tencent_sms_url", ch_printf(a, "http://127.0.0.12%s", port())},
        {"tencent_sms_app", ch_json_text(reg, "tencent_sms_app")},
        {"tencent_faceid_url", ch_printf(a, "http://127.0.0.13%s", port())},
        {"tencent_faceid_rule", ch_json_text(reg, "tencent_rule")},
        {"tencent_ocr_url", ch_printf(a, "http://127.0.0.14%s", port())},
        {"cmb_url", ch_printf(a, "http://127.0.0.15%s/cdcserver/api/v2", port())},
        {"cmb_uid", ch_json_text(reg, "cmb_uid")},
        {"cmb_account", ch_json_text(reg, "cmb_account")},
        {"cmb_bus_mode", ch_json_text(reg, "cmb_mode")},
        {"cmb_poll_seconds", "2"},
    };
    memcpy(out, lines, sizeof lines);
    return CH_COUNT(lines);
}

static void print_lines(const struct line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s = %s\n", lines[i].key, lines[i].value);
}

/* The settings, and the paths of the key files, so that a test can sign as the hall does. */
static void print_json(const struct line *lines, size_t n)
{
    const struct line files[] = {
        {"wechatpay_key", path_of(CONF_KEYS, ch_conf(CONF_WECHAT_KEY))},
        {"wechatpay_v3key", path_of(CONF_KEYS, ch_conf(CONF_WECHAT_V3KEY))},
        {"wechatpay_pubkey", path_of(CONF_KEYS, WECHAT_PLATFORM_PUB)},
        {"tencent_secret_key", path_of(CONF_KEYS, ch_conf(CONF_TC_SECRET_KEY))},
        {"cmb_key", path_of(CONF_KEYS, ch_conf(CONF_CMB_KEY))},
        {"cmb_sm4", path_of(CONF_KEYS, ch_conf(CONF_CMB_SM4))},
        {"cmb_bank_key", path_of(CONF_KEYS, ch_conf(CONF_CMB_BANK_KEY))},
    };
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "origin", ch_conf(CONF_ORIGIN));
    for (size_t i = 0; i < n; i++)
        ch_jw_text(&w, lines[i].key, lines[i].value);
    ch_jw_object(&w, "files");
    for (size_t i = 0; i < CH_COUNT(files); i++)
        ch_jw_text(&w, files[i].key, files[i].value);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    puts(ch_jw_done(&w));
}

int main(int argc, char **argv)
{
    struct line lines[16];
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;

    if (argc > 1 && !json) {
        fputs("usage: certhall-sandbox-keys [--json]\n", stderr);
        return 2;
    }
    if (!ch_config_load())
        return 1;
    a = ch_arena_new();
    umask(077);
    struct ch_json *reg = read_register();
    if (reg == NULL)
        reg = make_all();
    size_t n = settings(reg, lines);
    if (json)
        print_json(lines, n);
    else
        print_lines(lines, n);
    ch_arena_free(a);
    return 0;
}
