/* SPDX-License-Identifier: Apache-2.0
 * The files of the signer's folder. A file is written whole or not at all, and never over another one by accident. */
#include "programs/signer/keystore.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/pki/certificate.h"
#include "programs/signer/token.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536

static char *path_of(struct ch_arena *a, const char *dir, const char *file)
{
    return ch_printf(a, "%s/%s", dir, file);
}

static bool write_bytes(int fd, struct ch_bytes b)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0)
            return false;
        b = CH_BYTES(b.p + n, b.n - (size_t)n);
    }
    return true;
}

/* Makes a new file, whole or not at all, which has its mode from the start. An existing file is never overwritten. */
static bool write_new(struct ch_arena *a, const char *dir, const char *file, mode_t mode, struct ch_bytes b)
{
    char *path = path_of(a, dir, file), *part = ch_printf(a, "%s.part", path);

    unlink(part); /* left by a crash */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool ok = fd >= 0 && write_bytes(fd, b) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    ok = ok && link(part, path) == 0; /* unlike rename, link refuses an existing name */
    if (!ok)
        ch_log(CH_ERROR, NULL, "%s: %s", path, strerror(errno));
    unlink(part);
    return ok;
}

/* Writes to another name, and renames that file to `file` when it is on disk. */
static bool replace_file(struct ch_arena *a, const char *dir, const char *file, mode_t mode, struct ch_bytes b)
{
    const char *fresh = ch_printf(a, "%s.new", file);

    unlink(path_of(a, dir, fresh)); /* left by a crash */
    if (!write_new(a, dir, fresh, mode, b))
        return false;
    if (rename(path_of(a, dir, fresh), path_of(a, dir, file)) == 0)
        return true;
    ch_log(CH_ERROR, NULL, "%s/%s: %s", dir, file, strerror(errno));
    return false;
}

/* Reads a small file and puts a NUL after it; n is 0 when there is no file. */
static struct ch_bytes read_file(struct ch_arena *a, const char *dir, const char *file)
{
    int fd = open(path_of(a, dir, file), O_RDONLY | O_CLOEXEC);
    char *p = ch_alloc_secret(a, FILE_MAX + 1);
    ssize_t n = 0, got;

    while (fd >= 0 && n < FILE_MAX && (got = read(fd, p + n, (size_t)(FILE_MAX - n))) > 0)
        n += got;
    if (fd >= 0)
        close(fd);
    return CH_BYTES(p, (size_t)n);
}

bool keystore_has(struct ch_arena *a, const char *dir, const char *file)
{
    return access(path_of(a, dir, file), F_OK) == 0;
}

/* False, with a log line, when users other than the owner may read the file. */
static bool is_private(struct ch_arena *a, const char *dir, const char *file)
{
    struct stat st;

    if (stat(path_of(a, dir, file), &st) != 0 || (st.st_mode & 077) == 0)
        return true; /* if there is no file, its reader reports that */
    ch_log(CH_ERROR, NULL, "%s/%s is open to others, wanted mode 0400", dir, file);
    return false;
}

const char *keystore_passphrase(struct ch_arena *a, const char *dir, bool make)
{
    if (make && !keystore_has(a, dir, "passphrase")) {
        const char *fresh = ch_random_text(a, "abcdefghijkmnpqrstuvwxyz23456789", 40);
        if (!write_new(a, dir, "passphrase", 0400, CH_BYTES(fresh, strlen(fresh))))
            return NULL;
    }
    if (!is_private(a, dir, "passphrase"))
        return NULL;
    struct ch_bytes b = read_file(a, dir, "passphrase");
    char *text = (char *)(uintptr_t)b.p;
    text[strcspn(text, "\r\n")] = '\0';
    size_t n = strlen(text);
    if (n >= 12 && n < PASSPHRASE_MAX)
        return text;
    ch_log(CH_ERROR, NULL, "%s/passphrase: not there, or not 12 to %d characters", dir, PASSPHRASE_MAX - 1);
    return NULL;
}

/* OpenSSL's callback for a passphrase. */
static int copy_passphrase(char *buf, int size, int rwflag, void *passphrase)
{
    int n = (int)strlen(passphrase);

    (void)rwflag;
    if (n > size)
        return -1;
    memcpy(buf, passphrase, (size_t)n);
    return n;
}

static EVP_PKEY *read_key_file(struct ch_arena *a, const char *dir, const char *name, const char *passphrase)
{
    const char *file = ch_printf(a, "%s.key", name);

    if (!is_private(a, dir, file))
        return NULL;
    struct ch_bytes pem = read_file(a, dir, file);
    BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = NULL;
    if (in != NULL)
        key = PEM_read_bio_PrivateKey(in, NULL, copy_passphrase, (void *)(uintptr_t)passphrase);
    BIO_free(in);
    if (key == NULL)
        ch_log(CH_ERROR, NULL, "%s/%s: %s", dir, file, ch_openssl_reason());
    return key;
}

bool keystore_has_key(struct ch_arena *a, const char *dir, const char *name)
{
    return keystore_has(a, dir, ch_printf(a, "%s.key", name)) || keystore_has(a, dir, ch_printf(a, "%s.uri", name));
}

/* Reads the URI in <name>.uri; NULL when there is no such file. */
static const char *read_uri(struct ch_arena *a, const char *dir, const char *name)
{
    const char *file = ch_printf(a, "%s.uri", name);

    if (!keystore_has(a, dir, file))
        return NULL;
    char *uri = ch_strdup(a, (const char *)read_file(a, dir, file).p);
    uri[strcspn(uri, "\r\n")] = '\0';
    return uri;
}

const char *keystore_key_place(struct ch_arena *a, const char *dir, const char *name)
{
    const char *uri = read_uri(a, dir, name);

    return uri != NULL ? uri : keystore_has_key(a, dir, name) ? "file" : "";
}

bool keystore_uri_write(struct ch_arena *a, const char *dir, const char *name, const char *uri)
{
    const char *line = ch_printf(a, "%s\n", uri);

    return !keystore_has_key(a, dir, name) && token_uri_ok(uri) &&
           write_new(a, dir, ch_printf(a, "%s.uri", name), 0400, CH_BYTES(line, strlen(line)));
}

EVP_PKEY *keystore_key_read(struct ch_arena *a, const char *dir, const char *name, const char *passphrase)
{
    const char *uri = read_uri(a, dir, name);

    return uri != NULL ? token_key(uri) : read_key_file(a, dir, name, passphrase);
}

bool keystore_key_write(struct ch_arena *a, const char *dir, const char *name, const char *passphrase, EVP_PKEY *key)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *pem;

    if (out == NULL ||
        PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), passphrase, (int)strlen(passphrase), NULL, NULL) != 1) {
        ch_log(CH_ERROR, NULL, "%s/%s.key: %s", dir, name, ch_openssl_reason());
        BIO_free(out);
        return false;
    }
    long n = BIO_get_mem_data(out, &pem);
    bool ok = write_new(a, dir, ch_printf(a, "%s.key", name), 0400, CH_BYTES(pem, (size_t)n));
    BIO_free(out);
    return ok;
}

X509 *keystore_cert_read(struct ch_arena *a, const char *dir, const char *file)
{
    return ch_cert_read(read_file(a, dir, file));
}

bool keystore_cert_write(struct ch_arena *a, const char *dir, const char *file, X509 *cert)
{
    return write_new(a, dir, file, 0444, ch_cert_der(a, cert));
}

bool keystore_cert_replace(struct ch_arena *a, const char *dir, const char *file, X509 *cert)
{
    return replace_file(a, dir, file, 0444, ch_cert_der(a, cert));
}

bool keystore_text_write(struct ch_arena *a, const char *dir, const char *file, const char *text)
{
    return write_new(a, dir, file, 0444, CH_BYTES(text, strlen(text)));
}

bool keystore_text_replace(struct ch_arena *a, const char *dir, const char *file, struct ch_bytes text)
{
    return replace_file(a, dir, file, 0444, text);
}

struct ch_bytes keystore_text_read(struct ch_arena *a, const char *dir, const char *file)
{
    return read_file(a, dir, file);
}

bool keystore_record(struct ch_arena *a, const char *dir, const char *text)
{
    int fd = open(path_of(a, dir, "ceremony.txt"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write_bytes(fd, CH_BYTES(text, strlen(text))) && fsync(fd) == 0;

    if (!ok)
        ch_log(CH_ERROR, NULL, "%s/ceremony.txt: %s", dir, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}
