/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/seal.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/cipher.h"
#include "core/crypto/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KEKS 32
#define MAX_DEKS 256
#define VERSION 1
#define HEAD (1 + 4 + CH_GCM_NONCE)
#define WRAPPED (CH_GCM_NONCE + CH_AES_KEY + CH_GCM_TAG)

struct key {
    uint32_t id;
    unsigned char bytes[CH_AES_KEY];
};

struct ch_ring {
    struct key keks[MAX_KEKS];
    struct key deks[MAX_DEKS];
    size_t n_keks, n_deks;
    const struct key *active;
    unsigned char index[CH_AES_KEY]; /* the hash key */
};

static const struct key *find(const struct key *keys, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++)
        if (keys[i].id == id)
            return &keys[i];
    return NULL;
}

static bool read_key(const char *dir, const char *name, unsigned char out[CH_AES_KEY])
{
    char path[4096];

    return snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path && ch_keyfile_read(path, out);
}

static bool read_kek(struct ch_ring *r, const char *dir, const char *name)
{
    unsigned id;
    int used = 0;

    if (sscanf(name, "kek-%9u.key%n", &id, &used) != 1 || used == 0 || name[used] != '\0')
        return true; /* another kind of file */
    if (r->n_keks == MAX_KEKS) {
        ch_log(CH_ERROR, NULL, "more than %d key-encryption keys in %s", MAX_KEKS, dir);
        return false;
    }
    struct key *k = &r->keks[r->n_keks++];
    k->id = id;
    return read_key(dir, name, k->bytes);
}

static bool read_keks(struct ch_ring *r, const char *dir)
{
    DIR *d = opendir(dir);
    bool ok = d != NULL;

    for (const struct dirent *e; ok && (e = readdir(d)) != NULL;)
        ok = read_kek(r, dir, e->d_name);
    if (d == NULL)
        ch_log(CH_ERROR, NULL, "key folder %s: %s", dir, strerror(errno));
    else
        closedir(d);
    if (ok && r->n_keks == 0)
        ch_log(CH_ERROR, NULL, "key folder %s: no kek-<n>.key", dir);
    return ok && r->n_keks > 0;
}

struct ch_ring *ch_ring_open(const char *dir)
{
    struct ch_ring *r = calloc(1, sizeof *r);

    if (r == NULL)
        abort();
    if (read_keks(r, dir) && read_key(dir, "index.key", r->index))
        return r;
    ch_ring_free(r);
    return NULL;
}

void ch_ring_free(struct ch_ring *r)
{
    if (r == NULL)
        return;
    OPENSSL_cleanse(r, sizeof *r);
    free(r);
}

/* Binds a wrapped key to its id and its key-encryption key: rows cannot be exchanged in the database. */
static struct ch_bytes wrap_aad(char text[64], uint32_t id, uint32_t kek)
{
    int n = snprintf(text, 64, "data key|%u|%u", id, kek);
    return CH_BYTES(text, (size_t)n);
}

bool ch_ring_add(struct ch_ring *r, uint32_t id, uint32_t kek, struct ch_bytes wrapped, bool active)
{
    const struct key *k = find(r->keks, r->n_keks, kek);
    char text[64];
    struct ch_bytes plain;

    if (k == NULL || wrapped.n != WRAPPED || r->n_deks == MAX_DEKS || find(r->deks, r->n_deks, id) != NULL)
        return false;
    struct ch_arena *a = ch_arena_new();
    bool ok = ch_gcm_open(a, k->bytes, wrapped.p, wrap_aad(text, id, kek),
                          CH_BYTES(wrapped.p + CH_GCM_NONCE, wrapped.n - CH_GCM_NONCE), &plain);
    if (ok) {
        struct key *fresh = &r->deks[r->n_deks++];
        fresh->id = id;
        memcpy(fresh->bytes, plain.p, CH_AES_KEY);
        if (active)
            r->active = fresh;
    }
    ch_arena_free(a);
    return ok;
}

bool ch_ring_make(struct ch_ring *r, struct ch_arena *a, uint32_t id, uint32_t *kek, struct ch_bytes *wrapped)
{
    const struct key *newest = NULL;
    unsigned char *out = ch_alloc(a, WRAPPED), *fresh = ch_alloc_secret(a, CH_AES_KEY);
    char text[64];

    for (size_t i = 0; i < r->n_keks; i++)
        if (newest == NULL || r->keks[i].id > newest->id)
            newest = &r->keks[i];
    if (newest == NULL)
        return false;
    ch_random(fresh, CH_AES_KEY);
    ch_random(out, CH_GCM_NONCE);
    struct ch_bytes sealed =
        ch_gcm_seal(a, newest->bytes, out, wrap_aad(text, id, newest->id), CH_BYTES(fresh, CH_AES_KEY));
    memcpy(out + CH_GCM_NONCE, sealed.p, sealed.n);
    *kek = newest->id;
    *wrapped = CH_BYTES(out, WRAPPED);
    return true;
}

static struct ch_bytes seal_aad(struct ch_arena *a, const char *place, const char *row)
{
    char *text = ch_printf(a, "%s|%s", place, row);
    return CH_BYTES(text, strlen(text));
}

struct ch_bytes ch_seal(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                        struct ch_bytes plain)
{
    if (r->active == NULL)
        abort(); /* started without its data keys: nothing personal may be stored in clear */
    unsigned char *out = ch_alloc(a, HEAD + plain.n + CH_GCM_TAG);
    out[0] = VERSION;
    for (int i = 0; i < 4; i++)
        out[1 + i] = (unsigned char)(r->active->id >> (24 - 8 * i));
    ch_random(out + 5, CH_GCM_NONCE);
    struct ch_bytes sealed = ch_gcm_seal(a, r->active->bytes, out + 5, seal_aad(a, place, row), plain);
    memcpy(out + HEAD, sealed.p, sealed.n);
    return CH_BYTES(out, HEAD + sealed.n);
}

bool ch_unseal(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row, struct ch_bytes sealed,
               struct ch_bytes *plain)
{
    if (sealed.n < HEAD + CH_GCM_TAG || sealed.p[0] != VERSION)
        return false;
    const unsigned char *p = sealed.p;
    uint32_t id = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    const struct key *k = find(r->deks, r->n_deks, id);

    return k != NULL && ch_gcm_open(a, k->bytes, p + 5, seal_aad(a, place, row),
                                    CH_BYTES(p + HEAD, sealed.n - HEAD), plain);
}

/* "blind|" and "purpose|" keep the two families of derived keys apart whatever the names. */
static void derive(const struct ch_ring *r, const char *family, const char *name, unsigned char out[32])
{
    char info[256];

    if (snprintf(info, sizeof info, "%s|%s|1", family, name) >= (int)sizeof info)
        abort(); /* names are constants of ours */
    ch_hkdf(CH_BYTES(r->index, sizeof r->index), info, out, 32);
}

void ch_blind(const struct ch_ring *r, const char *field, const char *value, unsigned char out[CH_SHA256_BYTES])
{
    unsigned char key[32];

    derive(r, "blind", field, key);
    ch_hmac_sha256(CH_BYTES(key, sizeof key), CH_BYTES(value, strlen(value)), out);
    OPENSSL_cleanse(key, sizeof key);
}

void ch_ring_derive(const struct ch_ring *r, const char *purpose, unsigned char out[32])
{
    derive(r, "purpose", purpose, out);
}
