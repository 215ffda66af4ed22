/* SPDX-License-Identifier: Apache-2.0
 * Encrypts PINs, and finds key-encryption keys by the names of their files. */
#include "core/crypto/pin.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/keyfile.h"

#include <dirent.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 4096
#define SUFFIX ".key"
#define KEK_MODE 0440 /* signer and runner are in one group */

char *ch_pin_make(struct ch_arena *a, bool token)
{
    return token ? ch_random_text(a, CH_PIN_DIGITS, CH_PIN_TOKEN_LENGTH)
                 : ch_random_text(a, CH_PIN_ALPHABET, CH_PIN_LENGTH);
}

static bool is_pin(struct ch_bytes text)
{
    const char *s = (const char *)text.p; /* ch_gcm_decrypt puts a NUL behind it */

    return (text.n == CH_PIN_LENGTH && strspn(s, CH_PIN_ALPHABET) == text.n) ||
           (text.n == CH_PIN_TOKEN_LENGTH && strspn(s, CH_PIN_DIGITS) == text.n);
}

/* ---- files ---- */

/* The length of `path` without its suffix; the names of the other keys begin with that. */
static int stem_length(const char *path)
{
    size_t n = strlen(path), s = strlen(SUFFIX);
    return (int)(n > s && strcmp(path + n - s, SUFFIX) == 0 ? n - s : n);
}

static bool kek_file(const char *path, uint32_t kek, char out[PATH_SIZE])
{
    int n = kek == 1 ? snprintf(out, PATH_SIZE, "%s", path)
                     : snprintf(out, PATH_SIZE, "%.*s-%u" SUFFIX, stem_length(path), path, kek);
    return n > 0 && n < PATH_SIZE;
}

static bool read_kek(const char *path, uint32_t kek, unsigned char key[CH_AES_KEY])
{
    char file[PATH_SIZE];
    return kek > 0 && kek_file(path, kek, file) && ch_keyfile_read(file, key);
}

/* The key-encryption key's number by the name of its file; 0 for any other file. */
static uint32_t kek_number(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/'), *own = slash != NULL ? slash + 1 : path;
    int n = stem_length(own), used = 0;
    unsigned kek;

    if (strcmp(name, own) == 0)
        return 1;
    if (strncmp(name, own, (size_t)n) != 0 || sscanf(name + n, "-%9u" SUFFIX "%n", &kek, &used) != 1 || used == 0 ||
        name[n + used] != '\0')
        return 0;
    return kek;
}

static DIR *open_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_SIZE];
    int n = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

    snprintf(folder, sizeof folder, "%.*s", n, slash == NULL ? "." : path);
    return opendir(folder);
}

uint32_t ch_pin_kek(const char *path)
{
    DIR *d = open_folder(path);
    uint32_t newest = 0;

    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        uint32_t kek = kek_number(path, e->d_name);
        newest = kek > newest ? kek : newest;
    }
    if (d != NULL)
        closedir(d);
    return newest;
}

uint32_t ch_pin_kek_make(const char *path)
{
    uint32_t next = ch_pin_kek(path) + 1;
    char file[PATH_SIZE];

    return kek_file(path, next, file) && ch_keyfile_make(file, KEK_MODE) ? next : 0;
}

/* ---- encryption ---- */

static struct ch_bytes pin_aad(struct ch_arena *a, const char *order_id, int64_t generation)
{
    char *text = ch_printf(a, "pin|%s|%lld", order_id, (long long)generation);
    return CH_BYTES(text, strlen(text));
}

static struct ch_bytes key_aad(struct ch_arena *a, const char *order_id, int64_t generation, uint32_t kek)
{
    char *text = ch_printf(a, "pin key|%s|%lld|%u", order_id, (long long)generation, kek);
    return CH_BYTES(text, strlen(text));
}

/* Wraps `key` under the newest key-encryption key. */
static bool wrap_key(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                     const unsigned char key[CH_AES_KEY], struct ch_pin *out)
{
    unsigned char *kek = ch_alloc_secret(a, CH_AES_KEY);

    out->kek = ch_pin_kek(path);
    if (!read_kek(path, out->kek, kek))
        return false;
    out->key = ch_gcm_pack(a, kek, key_aad(a, order_id, generation, out->kek), CH_BYTES(key, CH_AES_KEY));
    return true;
}

/* The PIN's key, a secret of the arena; NULL when it is missing or does not decrypt. */
static const unsigned char *unwrap_key(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                                       const struct ch_pin *pin)
{
    unsigned char *kek = ch_alloc_secret(a, CH_AES_KEY);
    struct ch_bytes key;

    if (!read_kek(path, pin->kek, kek))
        return NULL;
    if (pin->key.p == NULL)
        return kek;
    bool ok = ch_gcm_unpack(a, kek, key_aad(a, order_id, generation, pin->kek), pin->key, &key) && key.n == CH_AES_KEY;
    OPENSSL_cleanse(kek, CH_AES_KEY);
    return ok ? key.p : NULL;
}

bool ch_pin_encrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation, const char *pin,
                    struct ch_pin *out)
{
    unsigned char *key = ch_alloc_secret(a, CH_AES_KEY);

    ch_random(key, CH_AES_KEY);
    out->encrypted = ch_gcm_pack(a, key, pin_aad(a, order_id, generation), CH_BYTES(pin, strlen(pin)));
    return wrap_key(a, path, order_id, generation, key, out);
}

const char *ch_pin_decrypt(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                           const struct ch_pin *pin)
{
    const unsigned char *key = unwrap_key(a, path, order_id, generation, pin);
    struct ch_bytes plain;

    if (key == NULL || !ch_gcm_unpack(a, key, pin_aad(a, order_id, generation), pin->encrypted, &plain) || !is_pin(plain))
        return NULL;
    return (const char *)plain.p;
}

bool ch_pin_rewrap(struct ch_arena *a, const char *path, const char *order_id, int64_t generation,
                   const struct ch_pin *old, struct ch_pin *fresh)
{
    if (old->key.p == NULL) { /* an old PIN without a key of its own */
        const char *pin = ch_pin_decrypt(a, path, order_id, generation, old);
        return pin != NULL && ch_pin_encrypt(a, path, order_id, generation, pin, fresh);
    }
    const unsigned char *key = unwrap_key(a, path, order_id, generation, old);
    fresh->encrypted = old->encrypted;
    return key != NULL && wrap_key(a, path, order_id, generation, key, fresh);
}
