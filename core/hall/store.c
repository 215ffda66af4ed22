/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hall/store.h"

#include "core/base/buf.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/cipher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "material.key"
#define CHUNK ((size_t)64 * 1024)
#define FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* The chunk's number as nonce: the key is used for this one file. */
static void chunk_nonce(uint64_t i, unsigned char nonce[CH_GCM_NONCE])
{
    memset(nonce, 0, CH_GCM_NONCE);
    for (int k = 0; k < 8; k++)
        nonce[CH_GCM_NONCE - 1 - k] = (unsigned char)(i >> (8 * k));
}

static struct ch_bytes chunk_aad(struct ch_arena *a, const char *id, uint64_t i, bool last)
{
    const char *s = ch_printf(a, "%s|%llu|%d", id, (unsigned long long)i, last);
    return CH_BYTES(s, strlen(s));
}

static struct ch_bytes encrypt(struct ch_arena *a, const char *id, const unsigned char key[CH_AES_KEY], struct ch_bytes plain)
{
    struct ch_buf out;
    unsigned char nonce[CH_GCM_NONCE];

    ch_buf_init(&out, a);
    for (uint64_t i = 0; i == 0 || i * CHUNK < plain.n; i++) {
        size_t left = plain.n - i * CHUNK, n = left < CHUNK ? left : CHUNK;
        chunk_nonce(i, nonce);
        struct ch_bytes c = ch_gcm_seal(a, key, nonce, chunk_aad(a, id, i, n == left), CH_BYTES(plain.p + i * CHUNK, n));
        ch_buf_add(&out, c.p, c.n);
    }
    return ch_buf_bytes(&out);
}

static bool decrypt(struct ch_arena *a, const char *id, const unsigned char key[CH_AES_KEY], struct ch_bytes sealed,
                    struct ch_bytes *plain)
{
    const size_t step = CHUNK + CH_GCM_TAG;
    struct ch_buf out;
    unsigned char nonce[CH_GCM_NONCE];

    ch_buf_init(&out, a);
    for (uint64_t i = 0; i == 0 || i * step < sealed.n; i++) {
        size_t left = sealed.n - i * step, n = left < step ? left : step;
        struct ch_bytes c;
        chunk_nonce(i, nonce);
        if (!ch_gcm_open(a, key, nonce, chunk_aad(a, id, i, n == left), CH_BYTES(sealed.p + i * step, n), &c))
            return false;
        ch_buf_add(&out, c.p, c.n);
    }
    *plain = ch_buf_bytes(&out);
    return true;
}

/* store/<last two of the id>/<id>: the end of a UUIDv7 is random, its beginning is not. */
static const char *path_of(struct ch_arena *a, const char *id, const char **folder)
{
    *folder = ch_printf(a, "%s/%s", ch_conf(CONF_STORE), id + strlen(id) - 2);
    return ch_printf(a, "%s/%s", *folder, id);
}

static bool write_all(int fd, struct ch_bytes b)
{
    for (size_t done = 0; done < b.n;) {
        ssize_t n = write(fd, b.p + done, b.n - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static enum ch_err write_file(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes sealed)
{
    const char *folder, *path = path_of(a, id, &folder), *aside = ch_printf(a, "%s.new", path);

    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return ch_fault(f, CH_E_INTERNAL, "store: %s: %s", folder, strerror(errno));
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write_all(fd, sealed);
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (!ok || rename(aside, path) != 0 || !sync_folder(folder))
        return ch_fault(f, CH_E_INTERNAL, "store: %s: %s", path, strerror(errno));
    return CH_OK;
}

enum ch_err ch_store_put(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes plain, struct ch_bytes *sealed_key)
{
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY);

    ch_random(key, CH_AES_KEY);
    *sealed_key = ch_seal(ring, a, PLACE, id, CH_BYTES(key, CH_AES_KEY));
    return write_file(a, f, id, encrypt(a, id, key, plain));
}

static enum ch_err read_file(struct ch_arena *a, struct ch_fault *f, const char *path, struct ch_bytes *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0 || (size_t)st.st_size > FILE_MAX_BYTES) {
        if (fd >= 0)
            close(fd);
        return ch_fault(f, CH_E_INTERNAL, "store: %s cannot be read", path);
    }
    unsigned char *p = ch_alloc(a, (size_t)st.st_size + 1);
    ssize_t n = read(fd, p, (size_t)st.st_size);
    close(fd);
    if (n != st.st_size)
        return ch_fault(f, CH_E_INTERNAL, "store: %s is cut short", path);
    *out = CH_BYTES(p, (size_t)n);
    return CH_OK;
}

enum ch_err ch_store_get(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes sealed_key, struct ch_bytes *plain)
{
    const char *folder;
    struct ch_bytes key, sealed;

    if (!ch_unseal(ring, a, PLACE, id, sealed_key, &key) || key.n != CH_AES_KEY)
        return ch_fault(f, CH_E_INTERNAL, "store: key of %s does not open", id);
    enum ch_err e = read_file(a, f, path_of(a, id, &folder), &sealed);
    if (e != CH_OK)
        return e;
    return decrypt(a, id, key.p, sealed, plain) ? CH_OK : ch_fault(f, CH_E_INTERNAL, "store: %s does not open", id);
}
