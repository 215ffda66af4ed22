/* SPDX-License-Identifier: Apache-2.0
 * Field keys: making the first ones of an installation (existing keys are never overwritten), listing them, and the rotation of
 * the key-encryption key and of the data key. docs/keys.md tells when to use which. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/keyfile.h"
#include "core/crypto/ring.h"
#include "core/db/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MODE 0400

static const char *key_path(struct ch_arena *a, const char *name)
{
    return ch_printf(a, "%s/%s", ch_conf(CONF_KEYS), name);
}

/* Makes the SM2 key that signs the heads of the audit log, and a file with its public half for auditors. */
static bool make_log_key(struct ch_arena *a)
{
    const char *path = key_path(a, "log-sm2.pem"), *pub = key_path(a, "log-sm2.pub");

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

static bool make_first_data_key(struct ch_arena *a, struct ch_db *db)
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
              admin_run(a, db, "admin.keys",
                        CH_CALL(&admin_data_key_new, ch_p_int(a, 1), ch_p_int(a, kek), ch_p_bytes(wrapped)), NULL);
    ch_ring_free(ring);
    return ok;
}

/* Makes what is missing; run again, it changes nothing. It makes no new kek-1.key if that key was replaced by a rotation. */
static bool make_first_keys(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows rows;

    return admin_run(a, db, "admin.keys", CH_CALL0(&admin_data_keys), &rows) &&
           (rows.n > 0 || ch_keyfile_make(key_path(a, "kek-1.key"), KEY_MODE)) &&
           ch_keyfile_make(key_path(a, "index.key"), KEY_MODE) && make_log_key(a) && make_first_data_key(a, db);
}

static const char *text_or_dash(const struct ch_rows *r, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    return s != NULL ? s : "-";
}

/* Lists every key with the number of values that it encrypts. An operator consults the list before removing a key file. */
static bool list_keys(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.keys", CH_CALL0(&admin_data_key_list), &r))
        return false;
    printf("%-9s %4s %4s %-8s %-22s %10s\n", "", "key", "kek", "state", "since / of what", "count");
    for (int i = 0; i < r.n; i++)
        printf("%-9s %4s %4s %-8s %-22s %10s\n", text_or_dash(&r, i, "kind"), text_or_dash(&r, i, "id"),
               text_or_dash(&r, i, "kek"), text_or_dash(&r, i, "state"),
               text_or_dash(&r, i, ch_col(&r, i, "place") != NULL ? "place" : "since"), text_or_dash(&r, i, "n"));
    return true;
}

/* Makes the file of the next key-encryption key. If there is a newer file than any data key uses, an earlier rotation was
 * interrupted; that file is then used, and none is made. */
static bool next_kek_file(struct ch_arena *a, const struct ch_ring *ring, const struct ch_rows *keys)
{
    uint32_t newest = ch_ring_kek(ring), used = 0;
    struct stat st;

    for (int i = 0; i < keys->n; i++)
        if ((uint32_t)ch_col_int(keys, i, "kek") > used)
            used = (uint32_t)ch_col_int(keys, i, "kek");
    if (newest > used)
        return true;
    /* The group that may read index.key reads this file as well. */
    const char *path = key_path(a, ch_printf(a, "kek-%u.key", newest + 1));
    return ch_keyfile_make(path, KEY_MODE) && stat(key_path(a, "index.key"), &st) == 0 &&
           chown(path, (uid_t)-1, st.st_gid) == 0 && chmod(path, st.st_mode & 0440) == 0;
}

/* Rewraps all data keys in one transaction: afterwards either all of them are under the new key-encryption key or none is. */
static bool rewrap_all(struct ch_arena *a, struct ch_db *db, const struct ch_ring *ring, const struct ch_rows *keys)
{
    size_t n = (size_t)keys->n;
    struct ch_call *calls = ch_alloc(a, (n + 1) * sizeof *calls);
    struct ch_rows *answers = ch_alloc(a, (n + 1) * sizeof *answers);
    struct ch_fault f = {0};

    calls[0] = CH_CALL(&admin_enter, ch_p_text("keys.rotate-kek"));
    for (size_t i = 0; i < n; i++) {
        struct ch_param *p = ch_alloc(a, 4 * sizeof *p);
        struct ch_bytes wrapped;
        uint32_t kek;
        if (!ch_ring_rewrap(ring, a, (uint32_t)ch_col_int(keys, (int)i, "id"), &kek, &wrapped))
            return false;
        p[0] = ch_p_text(ch_col(keys, (int)i, "id"));
        p[1] = ch_p_text(ch_col(keys, (int)i, "kek"));
        p[2] = ch_p_int(a, kek);
        p[3] = ch_p_bytes(wrapped);
        calls[i + 1] = ch_call_of(&admin_data_key_rewrapped, p, 4);
    }
    bool ok = ch_db_run(db, a, &f, calls, n + 1, answers) == CH_OK;
    if (!ok)
        fprintf(stderr, "rotate-kek: %s%s\n", f.sentence, f.detail);
    return ok;
}

static bool rotate_kek(struct ch_arena *a, struct ch_db *db)
{
    const char *dir = ch_conf(CONF_KEYS);
    struct ch_rows keys;
    struct ch_ring *ring = ch_db_keys_load(db, dir);
    bool ok = ring != NULL && admin_run(a, db, "keys.rotate-kek", CH_CALL0(&admin_data_keys_all), &keys) &&
              next_kek_file(a, ring, &keys);

    ch_ring_free(ring);
    ring = ok ? ch_db_keys_load(db, dir) : NULL; /* once more, with the new file */
    ok = ring != NULL && rewrap_all(a, db, ring, &keys);
    if (ok)
        printf("kek-%u.key wraps every data key. When it is backed up and %lld seconds are over, the older kek-*.key can be "
               "removed.\n",
               ch_ring_kek(ring), (long long)(2 * ch_conf_int(CONF_KEYS_REFRESH)));
    ch_ring_free(ring);
    return ok;
}

/* Makes the next data key. The runner then re-encrypts all values with it (programs/runner/reencrypt.c). */
static bool rotate_data(struct ch_arena *a, struct ch_db *db)
{
    struct ch_ring *ring = ch_ring_open(ch_conf(CONF_KEYS));
    int64_t wait = CH_RING_ANNOUNCE * ch_conf_int(CONF_KEYS_REFRESH);
    struct ch_rows r;
    struct ch_bytes wrapped;
    uint32_t kek;

    if (ring == NULL || !admin_run(a, db, "keys.rotate-data", CH_CALL0(&admin_data_key_free), &r)) {
        ch_ring_free(ring);
        return false;
    }
    int64_t id = ch_col_int(&r, 0, "id");
    bool ok =
        ch_ring_make(ring, a, (uint32_t)id, &kek, &wrapped) &&
        admin_run(a, db, "keys.rotate-data",
                  CH_CALL(&admin_data_key_next, ch_p_int(a, id), ch_p_int(a, kek), ch_p_bytes(wrapped), ch_p_int(a, wait)),
                  NULL);
    ch_ring_free(ring);
    if (ok)
        printf("data key %lld is made; it is used in %lld seconds. `certhall-admin keys list` tells how far it is.\n",
               (long long)id, (long long)wait);
    return ok;
}

static const struct {
    const char *word;
    bool (*run)(struct ch_arena *a, struct ch_db *db);
} actions[] = {{"list", list_keys}, {"rotate-kek", rotate_kek}, {"rotate-data", rotate_data}};

int admin_keys(struct ch_arena *a, int argc, char **argv)
{
    bool (*run)(struct ch_arena * a, struct ch_db * db) = argc == 0 ? make_first_keys : NULL;

    for (size_t i = 0; argc == 1 && i < CH_COUNT(actions); i++)
        if (strcmp(argv[0], actions[i].word) == 0)
            run = actions[i].run;
    if (run == NULL)
        return 2;
    mkdir(ch_conf(CONF_KEYS), 0700); /* it may exist; if it cannot be made, the steps below fail */
    struct ch_db *db = admin_db();
    bool ok = db != NULL && run(a, db);
    ch_db_close(db);
    return ok ? 0 : 1;
}
