/* SPDX-License-Identifier: Apache-2.0
 * The first keys of an installation. What is there is never overwritten. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new file of random bytes, mode 0400; true as well when it is already there. */
static bool random_file(struct ch_arena *a, const char *name, size_t n)
{
    const char *path = ch_printf(a, "%s/%s", ch_conf(CONF_KEYS), name);
    unsigned char *bytes = ch_alloc_secret(a, n);

    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd < 0 && errno == EEXIST)
        return true;
    ch_random(bytes, n);
    bool ok = fd >= 0 && write(fd, bytes, n) == (ssize_t)n && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return ok;
}

/* The SM2 key that signs the heads of the audit log, and its public half for auditors. */
static bool log_key(struct ch_arena *a)
{
    const char *path = ch_printf(a, "%s/log-sm2.pem", ch_conf(CONF_KEYS)), *pub = ch_printf(a, "%s/log-sm2.pub", ch_conf(CONF_KEYS));

    if (access(path, F_OK) == 0)
        return true;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    mode_t before = umask(0077);
    FILE *f = fopen(path, "wxe"), *p = fopen(pub, "we");
    umask(before);
    bool ok = key != NULL && f != NULL && p != NULL && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_PUBKEY(p, key) == 1;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    if (p != NULL)
        ok = fclose(p) == 0 && ok;
    EVP_PKEY_free(key);
    return ok;
}

static bool first_data_key(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows rows;
    struct ch_bytes wrapped;
    uint32_t kek;

    if (!admin_run(a, db, "admin.keys", CH_CALL0(&admin_data_keys), &rows))
        return false;
    if (rows.n > 0)
        return true;
    struct ch_ring *ring = ch_ring_open(ch_conf(CONF_KEYS));
    bool ok = ring != NULL && ch_ring_make(ring, a, 1, &kek, &wrapped) &&
              admin_run(a, db, "admin.keys", CH_CALL(&admin_data_key_new, ch_p_int(a, 1), ch_p_int(a, kek), ch_p_bytes(wrapped)),
                        NULL);
    ch_ring_free(ring);
    return ok;
}

int admin_keys(struct ch_arena *a, int argc, char **argv)
{
    (void)argv;
    if (argc != 0)
        return 2;
    mkdir(ch_conf(CONF_KEYS), 0700);
    if (!random_file(a, "kek-1.key", 32) || !random_file(a, "index.key", 32) || !log_key(a))
        return 1;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && first_data_key(a, db);
    ch_db_close(db);
    return ok ? 0 : 1;
}
