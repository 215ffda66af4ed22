/* SPDX-License-Identifier: Apache-2.0
 * Encrypts papers in chunks, and chooses the place for them. */
#include "core/paper/store.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/cipher.h"
#include "core/paper/store_backend.h"

#include <string.h>

#define CHUNK ((size_t)64 * 1024)

/* The chunk's number is its nonce, as the key is used for this file only. */
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

static struct ch_bytes encrypt_chunks(struct ch_arena *a, const char *id, const unsigned char key[CH_AES_KEY],
                                      struct ch_bytes plain)
{
    struct ch_buf out;
    unsigned char nonce[CH_GCM_NONCE];

    ch_buf_init(&out, a);
    for (uint64_t i = 0; i == 0 || i * CHUNK < plain.n; i++) {
        size_t left = plain.n - i * CHUNK, n = left < CHUNK ? left : CHUNK;
        chunk_nonce(i, nonce);
        struct ch_bytes c =
            ch_gcm_encrypt(a, key, nonce, chunk_aad(a, id, i, n == left), CH_BYTES(plain.p + i * CHUNK, n));
        ch_buf_add(&out, c.p, c.n);
    }
    return ch_buf_bytes(&out);
}

static bool decrypt_chunks(struct ch_arena *a, const char *id, const unsigned char key[CH_AES_KEY],
                           struct ch_bytes encrypted, struct ch_bytes *plain)
{
    const size_t step = CHUNK + CH_GCM_TAG;
    struct ch_buf out;
    unsigned char nonce[CH_GCM_NONCE];

    ch_buf_init(&out, a);
    for (uint64_t i = 0; i == 0 || i * step < encrypted.n; i++) {
        size_t left = encrypted.n - i * step, n = left < step ? left : step;
        struct ch_bytes c;
        chunk_nonce(i, nonce);
        if (!ch_gcm_decrypt(a, key, nonce, chunk_aad(a, id, i, n == left), CH_BYTES(encrypted.p + i * step, n), &c))
            return false;
        ch_buf_add(&out, c.p, c.n);
    }
    *plain = ch_buf_bytes(&out);
    return true;
}

static bool uses_bucket(void)
{
    return *ch_conf(CONF_S3_URL) != '\0';
}

/* Papers from before s3_url was set remain in the folder until somebody moves them, so the folder is tried first. */
static enum ch_err read_encrypted(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted)
{
    if (!uses_bucket())
        return ch_store_file.get(a, f, id, encrypted);
    return ch_store_file.get(a, NULL, id, encrypted) == CH_OK ? CH_OK : ch_store_s3.get(a, f, id, encrypted);
}

enum ch_err ch_store_put(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes plain, struct ch_bytes *encrypted_key)
{
    return ch_store_put_at(a, f, ring, CH_PAPER_KEY, id, plain, encrypted_key);
}

enum ch_err ch_store_get(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes encrypted_key, struct ch_bytes *plain)
{
    return ch_store_get_at(a, f, ring, CH_PAPER_KEY, id, encrypted_key, plain);
}

enum ch_err ch_store_put_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes plain, struct ch_bytes *encrypted_key)
{
    const struct ch_store_backend *backend = uses_bucket() ? &ch_store_s3 : &ch_store_file;
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY);

    ch_random(key, CH_AES_KEY);
    *encrypted_key = ch_encrypt(ring, a, place, id, CH_BYTES(key, CH_AES_KEY));
    return backend->put(a, f, id, encrypt_chunks(a, id, key, plain));
}

enum ch_err ch_store_get_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes encrypted_key, struct ch_bytes *plain)
{
    struct ch_bytes key, encrypted;

    if (!ch_decrypt(ring, a, place, id, encrypted_key, &key) || key.n != CH_AES_KEY)
        return ch_fault(f, CH_E_INTERNAL, "store: key of %s does not open", id);
    enum ch_err e = read_encrypted(a, f, id, &encrypted);
    if (e != CH_OK)
        return e;
    return decrypt_chunks(a, id, key.p, encrypted, plain) ? CH_OK
                                                          : ch_fault(f, CH_E_INTERNAL, "store: %s does not open", id);
}

enum ch_err ch_store_delete(struct ch_arena *a, struct ch_fault *f, const char *id)
{
    enum ch_err e = ch_store_file.delete(a, uses_bucket() ? NULL : f, id);

    if (uses_bucket() && (e == CH_OK || e == CH_E_NOT_FOUND)) /* the folder may have it from before there was a bucket */
        e = ch_store_s3.delete(a, f, id);
    return e == CH_E_NOT_FOUND ? CH_OK : e;
}

#define BUCKET "bucket/" /* prefix of `from` for pages of the bucket */

/* Lists the folder first, even if there is a bucket by now, and then the bucket. */
enum ch_err ch_store_list(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t seconds_ago,
                          struct ch_store_page *page)
{
    int64_t before = ch_now_ms() / 1000 - seconds_ago;
    bool folder = strncmp(from, BUCKET, strlen(BUCKET)) != 0;

    *page = (struct ch_store_page){0};
    if (!folder && !uses_bucket())
        return CH_OK; /* the bucket was removed from the settings meanwhile */
    enum ch_err e = folder ? ch_store_file.list(a, f, from, before, page)
                           : ch_store_s3.list(a, f, from + strlen(BUCKET), before, page);
    if (folder && uses_bucket() && page->next == NULL)
        page->next = BUCKET;
    else if (!folder && page->next != NULL)
        page->next = ch_printf(a, BUCKET "%s", page->next);
    return e;
}
