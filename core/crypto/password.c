/* SPDX-License-Identifier: Apache-2.0
 * scrypt, one computation at a time. */
#include "core/crypto/password.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SALT_BYTES 16
#define BLOCK 8 /* scrypt's r */
#define MIN_LOG_N 1
#define MAX_LOG_N 20 /* 1 GiB of memory; the hall never writes more */
#define NICE 15

/* A hash that a caller waits for. */
struct job {
    const char *password;
    struct ch_bytes salt;
    int log_n;
    unsigned char *out;
    bool ok, done;
    struct job *next;
};

/* A hash takes 32 MiB and a tenth of a second of a core: many log-ins at once must neither exhaust the machine nor keep from the
 * processor what is answered in a millisecond. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER, went = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;

static bool compute_hash(const struct job *j)
{
    uint64_t n = UINT64_C(1) << j->log_n;
    /* N = 2^15 needs more than OpenSSL's default limit of 32 MiB; twice the size of the table is always enough. */
    uint64_t memory = 2 * 128 * BLOCK * (n + 2);

    int ok = EVP_PBE_scrypt(j->password, strlen(j->password), j->salt.p, j->salt.n, n, BLOCK, 1, memory, j->out,
                            CH_PASSWORD_PROOF);
    if (ok != 1)
        ERR_clear_error();
    return ok == 1;
}

static void *hash_for_ever(void *unused)
{
    (void)unused;
    /* Linux knows a priority for each thread. Without it all is right, but slower. */
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    pthread_mutex_lock(&lock);
    for (;;) {
        while (first == NULL)
            pthread_cond_wait(&came, &lock);
        struct job *j = first;
        first = j->next;
        if (first == NULL)
            last = &first;
        pthread_mutex_unlock(&lock);
        bool ok = compute_hash(j);
        pthread_mutex_lock(&lock);
        j->ok = ok;
        j->done = true;
        pthread_cond_broadcast(&went);
    }
    return NULL;
}

static void start_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, hash_for_ever, NULL) != 0)
        abort();
    pthread_detach(thread);
}

/* Has the hash computed, after those that were asked for before. */
static bool derive_proof(const char *password, struct ch_bytes salt, int log_n, unsigned char out[CH_PASSWORD_PROOF])
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;

    if (log_n < MIN_LOG_N || log_n > MAX_LOG_N)
        return false;
    struct job j = {.password = password, .salt = salt, .log_n = log_n, .out = out};
    pthread_once(&started, start_thread);
    pthread_mutex_lock(&lock);
    *last = &j;
    last = &j.next;
    pthread_cond_signal(&came);
    while (!j.done)
        pthread_cond_wait(&went, &lock);
    pthread_mutex_unlock(&lock);
    return j.ok;
}

char *ch_password_record(struct ch_arena *a, const char *password, int log_n)
{
    unsigned char salt[SALT_BYTES], proof[CH_PASSWORD_PROOF], verifier[CH_SHA256_BYTES];

    ch_random(salt, sizeof salt);
    if (!derive_proof(password, CH_BYTES(salt, sizeof salt), log_n, proof))
        return NULL;
    ch_sha256(CH_BYTES(proof, sizeof proof), verifier);
    OPENSSL_cleanse(proof, sizeof proof);
    return ch_printf(a, "$scrypt$ln=%d$%s$%s", log_n, ch_base64url(a, CH_BYTES(salt, sizeof salt)),
                     ch_base64url(a, CH_BYTES(verifier, sizeof verifier)));
}

bool ch_password_proof(struct ch_arena *a, const char *password, const char *salt, unsigned char proof[CH_PASSWORD_PROOF])
{
    char text[64];
    struct ch_bytes bytes;
    int log_n, used = 0;

    return sscanf(salt, "$scrypt$ln=%2d$%63[A-Za-z0-9_-]%n", &log_n, text, &used) == 2 && salt[used] == '\0' &&
           ch_unbase64(a, text, &bytes) && bytes.n == SALT_BYTES && derive_proof(password, bytes, log_n, proof);
}
