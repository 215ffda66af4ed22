/* SPDX-License-Identifier: Apache-2.0
 * Making keys, certificates and secrets for the hall and for every vendor of the sandbox. */
#include "modules/sandbox/keys_make.h"

#include "core/base/random.h"
#include "core/crypto/ring.h"
#include "core/crypto/sign.h"
#include "modules/sandbox/authenticator/authenticator.h"
#include "modules/sandbox/certificate.h"
#include "modules/sandbox/register.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS "0123456789"
#define HEX "0123456789abcdef"
#define UPPER "0123456789ABCDEF"
#define LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const struct fact facts[] = {
#define SANDBOX_FACT(name, prefix, alphabet, n, how, setting) {#name, prefix, alphabet, n, how, setting},
#include "modules/sandbox/vendor_all.tbl"
};
const size_t facts_n = CH_COUNT(facts);

static void die(const char *what, const char *name)
{
    fprintf(stderr, "certhall-sandbox-keys: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

char *keys_path(struct ch_arena *a, enum ch_conf folder, const char *file)
{
    return ch_printf(a, "%s/%s", ch_conf(folder), file);
}

char *keys_read(struct ch_arena *a, enum ch_conf folder, const char *file)
{
    char text[8192];
    FILE *f = fopen(keys_path(a, folder, file), "re");
    size_t n = f != NULL ? fread(text, 1, sizeof text, f) : 0;

    if (f == NULL || n == sizeof text)
        die("cannot read", file);
    fclose(f);
    return ch_strndup(a, text, n);
}

static bool file_exists(struct ch_arena *a, enum ch_conf folder, const char *file)
{
    return access(keys_path(a, folder, file), F_OK) == 0;
}

static void write_file(struct ch_arena *a, enum ch_conf folder, const char *file, struct ch_bytes text)
{
    const char *path = keys_path(a, folder, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) != 0 || close(fd) != 0)
        die("cannot write", path);
}

static void write_text(struct ch_arena *a, enum ch_conf folder, const char *file, const char *text)
{
    write_file(a, folder, file, CH_BYTES(text, strlen(text)));
}

static void write_bio(struct ch_arena *a, enum ch_conf folder, const char *file, BIO *out)
{
    char *p;
    long n = BIO_get_mem_data(out, &p);

    write_file(a, folder, file, CH_BYTES(p, (size_t)n));
    BIO_free(out);
}

static void write_key(struct ch_arena *a, enum ch_conf folder, const char *file, EVP_PKEY *key, bool private)
{
    BIO *out = BIO_new(BIO_s_mem());

    if (out == NULL || (private ? PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL)
                                : PEM_write_bio_PUBKEY(out, key)) != 1)
        die("cannot encode", file);
    write_bio(a, folder, file, out);
}

static void write_certificate(struct ch_arena *a, enum ch_conf folder, const char *file, X509 *cert)
{
    BIO *out = BIO_new(BIO_s_mem());

    if (out == NULL || cert == NULL || PEM_write_bio_X509(out, cert) != 1)
        die("cannot encode", file);
    write_bio(a, folder, file, out);
}

static EVP_PKEY *make_key(const char *kind, const char *file)
{
    EVP_PKEY *key = strcmp(kind, "RSA") == 0     ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                    : strcmp(kind, "P-256") == 0 ? EVP_EC_gen("P-256")
                                                 : EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    if (key == NULL)
        die("cannot make a key for", file);
    return key;
}

/* Makes the key pairs, with the private key in the folder of one side and the public key in that of the other. */
static void make_pairs(struct ch_arena *a)
{
    const struct {
        const char *name, *kind;
        enum sandbox_side private_side;
        const char *hall_file;
    } rows[] = {
#define SANDBOX_KEY(name, kind, side, word, hall_file) {#name, kind, side, hall_file},
#include "modules/sandbox/vendor_all.tbl"
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        const struct {
            enum ch_conf folder;
            const char *file;
        } sides[] = {[HALL] = {CONF_KEYS, rows[i].hall_file},
                     [VENDOR] = {CONF_SANDBOX_KEYS,
                                 sandbox_key_file(a, rows[i].name, sandbox_key_ending(rows[i].private_side))}};
        enum sandbox_side private = rows[i].private_side, public = private == HALL ? VENDOR : HALL;

        if (file_exists(a, sides[public].folder, sides[public].file))
            continue;
        EVP_PKEY *key = make_key(rows[i].kind, rows[i].name);
        write_key(a, sides[private].folder, sides[private].file, key, true);
        write_key(a, sides[public].folder, sides[public].file, key, false);
        EVP_PKEY_free(key);
    }
}

/* Makes the vendors' keys that have a certificate, with a copy of the certificate for the hall where it needs one. */
static void make_certified(struct ch_arena *a)
{
    static const struct {
        const char *name, *subject, *use, *hall_file;
    } rows[] = {
#define SANDBOX_CERTIFICATE(name, subject, use, word, hall_file) {#name, subject, use, hall_file},
#include "modules/sandbox/vendor_all.tbl"
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        const char *cert_file = sandbox_key_file(a, rows[i].name, ".cer");
        if (file_exists(a, CONF_SANDBOX_KEYS, cert_file))
            continue;
        EVP_PKEY *key = make_key("RSA", rows[i].name);
        X509 *cert = sandbox_certificate_make(key, rows[i].subject, rows[i].use);
        write_key(a, CONF_SANDBOX_KEYS, sandbox_key_file(a, rows[i].name, sandbox_key_ending(VENDOR)), key, true);
        if (rows[i].hall_file != NULL)
            write_certificate(a, CONF_KEYS, rows[i].hall_file, cert);
        write_certificate(a, CONF_SANDBOX_KEYS, cert_file, cert);
        X509_free(cert);
        EVP_PKEY_free(key);
    }
}

static struct ch_json *parse_register(struct ch_arena *a, const char *text)
{
    struct ch_json *root = NULL;

    if (ch_json_parse(a, CH_BYTES(text, strlen(text)), &root, NULL) != CH_JSON_OK)
        die("cannot read", SANDBOX_REGISTER_FILE);
    return root;
}

/* Makes the register with every fact of the table; facts that it has already keep their values. */
static struct ch_json *make_facts(struct ch_arena *a)
{
    bool made_before = file_exists(a, CONF_SANDBOX_KEYS, SANDBOX_REGISTER_FILE);
    const struct ch_json *old =
        made_before ? parse_register(a, keys_read(a, CONF_SANDBOX_KEYS, SANDBOX_REGISTER_FILE)) : NULL;
    bool complete = made_before;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (const struct fact *f = facts; f < facts + facts_n; f++) {
        const char *value = ch_json_text(old, f->name);
        if (value == NULL) {
            value = ch_printf(a, "%s%s", f->prefix, ch_random_text(a, f->alphabet, f->n));
            complete = false;
        }
        if (f->how == SECRET && !file_exists(a, CONF_KEYS, ch_conf(f->setting)))
            write_text(a, CONF_KEYS, ch_conf(f->setting), value);
        ch_jw_text(&w, f->name, value);
    }
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    if (!complete)
        write_text(a, CONF_SANDBOX_KEYS, SANDBOX_REGISTER_FILE, text);
    return parse_register(a, text);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        die("cannot make", path);
}

/* What root makes belongs to whom the folder of the sandbox belongs to: its programs read it. */
static void hand_over(struct ch_arena *a, const char *file)
{
    struct stat folder;

    if (geteuid() != 0)
        return;
    if (stat(ch_conf(CONF_SANDBOX_KEYS), &folder) != 0 ||
        lchown(keys_path(a, CONF_SANDBOX_KEYS, file), folder.st_uid, folder.st_gid) != 0)
        die("cannot hand over", file);
}

bool keys_passkey_name(const char *name)
{
    size_t n = strlen(name);
    return n >= 1 && n <= 32 && strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz-_") == n;
}

EVP_PKEY *keys_passkey(struct ch_arena *a, const char *name)
{
    const char *file = ch_printf(a, AUTHENTICATOR_FOLDER "/%s.pem", name);

    if (!file_exists(a, CONF_SANDBOX_KEYS, file)) {
        make_folder(ch_conf(CONF_SANDBOX_KEYS));
        make_folder(keys_path(a, CONF_SANDBOX_KEYS, AUTHENTICATOR_FOLDER));
        hand_over(a, AUTHENTICATOR_FOLDER);
        EVP_PKEY *made = make_key("P-256", file);
        write_key(a, CONF_SANDBOX_KEYS, file, made, true);
        EVP_PKEY_free(made);
        hand_over(a, file);
    }
    EVP_PKEY *key = ch_key_private(keys_path(a, CONF_SANDBOX_KEYS, file));
    if (key == NULL)
        die("cannot read", file);
    return key;
}

struct ch_json *keys_make(struct ch_arena *a)
{
    make_folder(ch_conf(CONF_KEYS));
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        make_folder(keys_path(a, CONF_KEYS, ch_keys_rows[i].name));
    make_folder(ch_conf(CONF_SANDBOX_KEYS));
    make_pairs(a);
    make_certified(a);
    return make_facts(a);
}
