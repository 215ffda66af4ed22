/* SPDX-License-Identifier: Apache-2.0
 * The key ring: reads key-encryption keys from files, unwraps data keys, and encrypts with them. */
#include "core/crypto/ring.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/cipher.h"
#include "core/crypto/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KEKS 32
#define MAX_DEKS 256
#define MAX_DERIVED 64
#define VERSION 1
#define HEAD (1 + 4)
#define OVERHEAD (HEAD + CH_GCM_EXTRA)

struct key {
    uint32_t id;
    unsigned char bytes[CH_AES_KEY];
};

/* The keys of one folder. */
struct folder {
    struct key keks[MAX_KEKS]; /* none: the ring does not have the folder */
    struct key deks[MAX_DEKS];
    size_t n_keks, n_deks;
    const struct key *active; /* of deks, or NULL */
};

/* A key that was derived from the hash key for one field. */
struct derived {
    char field[64];
    unsigned char bytes[CH_SHA256_BYTES];
};

struct keys {
    struct folder folders[CH_KEYS_COUNT]; /* by the bit of the folder */
    bool finds;                           /* it has the hash key, which never changes */
    unsigned char index[CH_AES_KEY];
    struct derived derived[MAX_DERIVED]; /* derived so far */
    size_t n_derived;
};

struct ch_ring {
    pthread_rwlock_t *lock; /* guards `keys`; held while one key is copied or derived */
    struct keys *keys;
};

const struct ch_keys_row ch_keys_rows[CH_KEYS_COUNT] = {
#define CH_FOLDER(sym, name, encrypts, doc) [sym##_BIT] = {sym, name, encrypts},
#include "core/crypto/folders.tbl"
#undef CH_FOLDER
};

static const struct {
    const char *place;
    enum ch_keys folder;
} places[] = {
#define CH_PLACE(place, folder) {place, folder},
#include "core/crypto/places.tbl"
#undef CH_PLACE
};

void ch_ring_print_groups(unsigned folders)
{
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if ((folders & ch_keys_rows[i].folder) != 0)
            printf("key-%s\n", ch_keys_rows[i].name);
}

/* The folder with that name among those that encrypt, or NULL. */
static struct folder *folder_named(struct keys *keys, const char *name)
{
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if (ch_keys_rows[i].encrypts && strcmp(ch_keys_rows[i].name, name) == 0)
            return &keys->folders[i];
    return NULL;
}

/* The folder of a place, or NULL. */
static const struct folder *folder_of_place(const struct keys *keys, const char *place)
{
    for (size_t i = 0; i < CH_COUNT(places); i++)
        if (strcmp(places[i].place, place) == 0)
            return &keys->folders[__builtin_ctz(places[i].folder)];
    return NULL;
}

static const struct key *find_key(const struct key *keys, size_t n, uint32_t id)
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

static bool read_kek(struct folder *r, const char *dir, const char *name)
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

static bool read_keks(struct folder *r, const char *dir)
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

static void *calloc_or_abort(size_t n)
{
    void *p = calloc(1, n);

    if (p == NULL)
        abort();
    return p;
}

static bool read_folders(struct keys *keys, const char *dir, unsigned folders)
{
    char path[4096];

    for (size_t i = 0; i < CH_KEYS_COUNT; i++) {
        const struct ch_keys_row *row = &ch_keys_rows[i];
        if ((folders & row->folder) == 0 || !row->encrypts)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", dir, row->name) >= (int)sizeof path || !read_keks(&keys->folders[i], path))
            return false;
    }
    keys->finds = (folders & CH_KEYS_FIND) != 0;
    return !keys->finds || read_key(dir, "find/index.key", keys->index);
}

struct ch_ring *ch_ring_open(const char *dir, unsigned folders)
{
    struct ch_ring *r = calloc_or_abort(sizeof *r);

    r->keys = calloc_or_abort(sizeof *r->keys);
    r->lock = calloc_or_abort(sizeof *r->lock);
    pthread_rwlock_init(r->lock, NULL);
    if (read_folders(r->keys, dir, folders))
        return r;
    ch_ring_free(r);
    return NULL;
}

void ch_ring_free(struct ch_ring *r)
{
    if (r == NULL)
        return;
    OPENSSL_cleanse(r->keys, sizeof *r->keys);
    free(r->keys);
    pthread_rwlock_destroy(r->lock);
    free(r->lock);
    free(r);
}

void ch_ring_replace(struct ch_ring *r, struct ch_ring *fresh)
{
    struct keys *old = r->keys;

    pthread_rwlock_wrlock(r->lock);
    r->keys = fresh->keys;
    pthread_rwlock_unlock(r->lock);
    fresh->keys = old;
    ch_ring_free(fresh);
}

/* Binds a wrapped key to its folder, its id and its key-encryption key, so that rows cannot be exchanged in the database. */
static struct ch_bytes wrap_aad(char text[96], const char *folder, uint32_t id, uint32_t kek)
{
    int n = snprintf(text, 96, "data key|%s|%u|%u", folder, id, kek);
    return CH_BYTES(text, (size_t)n);
}

bool ch_ring_add(struct ch_ring *r, const char *folder, uint32_t id, uint32_t kek, struct ch_bytes wrapped, bool active)
{
    struct folder *keys = folder_named(r->keys, folder);
    const struct key *k = keys != NULL ? find_key(keys->keks, keys->n_keks, kek) : NULL;
    char text[96];
    struct ch_bytes plain;

    if (k == NULL || keys->n_deks == MAX_DEKS || find_key(keys->deks, keys->n_deks, id) != NULL)
        return false;
    struct ch_arena *a = ch_arena_new();
    bool ok = ch_gcm_unpack(a, k->bytes, wrap_aad(text, folder, id, kek), wrapped, &plain) && plain.n == CH_AES_KEY;
    if (ok) {
        struct key *fresh = &keys->deks[keys->n_deks++];
        fresh->id = id;
        memcpy(fresh->bytes, plain.p, CH_AES_KEY);
        if (active)
            keys->active = fresh;
    }
    ch_arena_free(a);
    return ok;
}

/* The newest key-encryption key of a folder, or NULL. */
static const struct key *newest_kek(const struct ch_ring *r, const char *folder)
{
    const struct folder *keys = folder_named(r->keys, folder);
    const struct key *newest = NULL;

    for (size_t i = 0; keys != NULL && i < keys->n_keks; i++)
        if (newest == NULL || keys->keks[i].id > newest->id)
            newest = &keys->keks[i];
    return newest;
}

uint32_t ch_ring_kek(const struct ch_ring *r, const char *folder)
{
    const struct key *newest = newest_kek(r, folder);
    return newest != NULL ? newest->id : 0;
}

static void wrap_key(const struct ch_ring *r, struct ch_arena *a, const char *folder, uint32_t id,
                     const unsigned char bytes[CH_AES_KEY], uint32_t *kek, struct ch_bytes *wrapped)
{
    const struct key *newest = newest_kek(r, folder);
    char text[96];

    if (newest == NULL)
        abort(); /* the caller names a folder of the ring */
    *wrapped = ch_gcm_pack(a, newest->bytes, wrap_aad(text, folder, id, newest->id), CH_BYTES(bytes, CH_AES_KEY));
    *kek = newest->id;
}

void ch_ring_make(const struct ch_ring *r, struct ch_arena *a, const char *folder, uint32_t id, uint32_t *kek,
                  struct ch_bytes *wrapped)
{
    unsigned char *fresh = ch_alloc_secret(a, CH_AES_KEY);

    ch_random(fresh, CH_AES_KEY);
    wrap_key(r, a, folder, id, fresh, kek, wrapped);
}

bool ch_ring_rewrap(const struct ch_ring *r, struct ch_arena *a, const char *folder, uint32_t id, uint32_t *kek,
                    struct ch_bytes *wrapped)
{
    const struct folder *keys = folder_named(r->keys, folder);
    const struct key *k = keys != NULL ? find_key(keys->deks, keys->n_deks, id) : NULL;

    if (k != NULL)
        wrap_key(r, a, folder, id, k->bytes, kek, wrapped);
    return k != NULL;
}

/* Copies the place's data key with that id, or the active one when `id` is NULL. The caller cleanses the copy. */
static bool copy_key(const struct ch_ring *r, const char *place, const uint32_t *id, struct key *out)
{
    pthread_rwlock_rdlock(r->lock);
    const struct folder *keys = folder_of_place(r->keys, place);
    const struct key *k = keys == NULL ? NULL : id != NULL ? find_key(keys->deks, keys->n_deks, *id) : keys->active;
    if (k != NULL)
        *out = *k;
    pthread_rwlock_unlock(r->lock);
    return k != NULL;
}

static struct ch_bytes row_aad(struct ch_arena *a, const char *place, const char *row)
{
    char *text = ch_printf(a, "%s|%s", place, row);
    return CH_BYTES(text, strlen(text));
}

struct ch_bytes ch_encrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                           struct ch_bytes plain)
{
    unsigned char *out = ch_alloc(a, OVERHEAD + plain.n);
    struct key key;

    if (!copy_key(r, place, NULL, &key)) {
        ch_log(CH_ERROR, NULL, "no key encrypts %s", place);
        abort();
    }
    struct ch_bytes packed = ch_gcm_pack(a, key.bytes, row_aad(a, place, row), plain);
    out[0] = VERSION;
    for (int i = 0; i < 4; i++)
        out[1 + i] = (unsigned char)(key.id >> (24 - 8 * i));
    OPENSSL_cleanse(&key, sizeof key);
    memcpy(out + HEAD, packed.p, packed.n);
    return CH_BYTES(out, HEAD + packed.n);
}

bool ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                struct ch_bytes encrypted, struct ch_bytes *plain)
{
    const unsigned char *p = encrypted.p;
    struct key key;

    if (encrypted.n < OVERHEAD || p[0] != VERSION)
        return false;
    uint32_t id = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    if (!copy_key(r, place, &id, &key))
        return false;
    bool ok = ch_gcm_unpack(a, key.bytes, row_aad(a, place, row), CH_BYTES(p + HEAD, encrypted.n - HEAD), plain);
    OPENSSL_cleanse(&key, sizeof key);
    return ok;
}

static bool copy_derived(const struct keys *keys, const char *field, unsigned char out[32])
{
    for (size_t i = 0; i < keys->n_derived; i++)
        if (strcmp(keys->derived[i].field, field) == 0) {
            memcpy(out, keys->derived[i].bytes, 32);
            return true;
        }
    return false;
}

/* Derives the key of a field, or copies it if it was derived before. */
static void derive_key(const struct ch_ring *r, const char *field, unsigned char out[32])
{
    struct derived fresh;

    pthread_rwlock_rdlock(r->lock);
    bool there = copy_derived(r->keys, field, out), finds = r->keys->finds;
    pthread_rwlock_unlock(r->lock);
    if (there)
        return;
    if (!finds || snprintf(fresh.field, sizeof fresh.field, "%s", field) >= (int)sizeof fresh.field)
        abort(); /* the program declares CH_KEYS_FIND; names are short constants */
    pthread_rwlock_wrlock(r->lock);
    struct keys *keys = r->keys;
    if (!copy_derived(keys, field, out)) { /* no other thread has derived it meanwhile */
        char purpose[80];
        snprintf(purpose, sizeof purpose, "blind|%s|1", field);
        ch_hkdf(CH_BYTES(keys->index, CH_AES_KEY), purpose, out, 32);
        memcpy(fresh.bytes, out, 32);
        if (keys->n_derived < MAX_DERIVED)
            keys->derived[keys->n_derived++] = fresh;
        OPENSSL_cleanse(&fresh, sizeof fresh);
    }
    pthread_rwlock_unlock(r->lock);
}

void ch_blind(const struct ch_ring *r, const char *field, const char *value, unsigned char out[CH_SHA256_BYTES])
{
    unsigned char key[32];

    derive_key(r, field, key);
    ch_hmac_sha256(CH_BYTES(key, sizeof key), CH_BYTES(value, strlen(value)), out);
    OPENSSL_cleanse(key, sizeof key);
}
