/* SPDX-License-Identifier: Apache-2.0
 * scrypt, limited to a few computations at a time. */
#include "core/crypto/password.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define SALT_BYTES 16
#define HASH_BYTES 32
#define BLOCK 8 /* scrypt's r */
#define MIN_LOG_N 1
#define MAX_LOG_N 20 /* 1 GiB of memory; the hall never writes more */
#define AT_ONCE 2

/* A hash takes 32 MiB and a tenth of a second of one core: many log-ins at once must not exhaust the machine. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int running;

static void wait_for_turn(void)
{
    pthread_mutex_lock(&lock);
    while (running == AT_ONCE)
        pthread_cond_wait(&freed, &lock);
    running++;
    pthread_mutex_unlock(&lock);
}

static void end_turn(void)
{
    pthread_mutex_lock(&lock);
    running--;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&lock);
}

struct record {
    int log_n;
    struct ch_bytes salt, hash;
};

static bool derive_hash(const char *password, struct ch_bytes salt, int log_n, unsigned char out[HASH_BYTES])
{
    if (log_n < MIN_LOG_N || log_n > MAX_LOG_N)
        return false;
    uint64_t n = UINT64_C(1) << log_n;
    /* N = 2^15 needs more than OpenSSL's default limit of 32 MiB; twice the size of the table is always enough. */
    uint64_t memory = 2 * 128 * BLOCK * (n + 2);

    wait_for_turn();
    int ok = EVP_PBE_scrypt(password, strlen(password), salt.p, salt.n, n, BLOCK, 1, memory, out, HASH_BYTES);
    end_turn();
    if (ok != 1)
        ERR_clear_error();
    return ok == 1;
}

char *ch_password_hash(struct ch_arena *a, const char *password, int log_n)
{
    unsigned char salt[SALT_BYTES], hash[HASH_BYTES];

    ch_random(salt, sizeof salt);
    if (!derive_hash(password, CH_BYTES(salt, sizeof salt), log_n, hash))
        return NULL;
    char *text = ch_printf(a, "$scrypt$ln=%d$%s$%s", log_n, ch_base64url(a, CH_BYTES(salt, sizeof salt)),
                           ch_base64url(a, CH_BYTES(hash, sizeof hash)));
    OPENSSL_cleanse(hash, sizeof hash);
    return text;
}

static bool parse_stored(struct ch_arena *a, const char *stored, struct record *out)
{
    char salt[64], hash[64];
    int used = 0;

    if (sscanf(stored, "$scrypt$ln=%2d$%63[A-Za-z0-9_-]$%63[A-Za-z0-9_-]%n", &out->log_n, salt, hash, &used) != 3)
        return false;
    return stored[used] == '\0' && ch_unbase64(a, salt, &out->salt) && ch_unbase64(a, hash, &out->hash) &&
           out->salt.n == SALT_BYTES && out->hash.n == HASH_BYTES && out->log_n >= MIN_LOG_N && out->log_n <= MAX_LOG_N;
}

bool ch_password_right(struct ch_arena *a, const char *password, const char *stored, int log_n)
{
    static const unsigned char nobody[HASH_BYTES];
    struct record r;
    unsigned char hash[HASH_BYTES];
    bool known = stored != NULL && parse_stored(a, stored, &r);

    if (!known) /* the same work for an account that does not exist */
        r = (struct record){log_n, CH_BYTES(nobody, SALT_BYTES), CH_BYTES(nobody, HASH_BYTES)};
    bool right = derive_hash(password, r.salt, r.log_n, hash) && ch_same(CH_BYTES(hash, sizeof hash), r.hash);
    OPENSSL_cleanse(hash, sizeof hash);
    return known && right;
}
