/* SPDX-License-Identifier: Apache-2.0
 * Field keys: making the first ones of an installation (existing keys are never overwritten), listing them, and the rotation of
 * the key-encryption keys and of the data key. docs/keys.md tells when to use which. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/keyfile.h"
#include "core/crypto/ring.h"
#include "core/crypto/sign.h"
#include "core/db/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MODE 0440 /* the folder decides whose group that is */

static const char *key_path(struct ch_arena *a, const char *folder, const char *name)
{
    return ch_printf(a, "%s/%s/%s", ch_conf(CONF_KEYS), folder, name);
}

/* Writes the private key, or the public half, to a file that others cannot read until it is whole. */
static bool write_pem(const char *path, EVP_PKEY *key, bool private)
{
    mode_t before = umask(0077);
    FILE *f = fopen(path, private ? "wxe" : "we");
    umask(before);
    bool ok = f != NULL &&
              (private ? PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) : PEM_write_PUBKEY(f, key)) == 1;

    if (f != NULL)
        ok = fchmod(fileno(f), private ? KEY_MODE : 0644) == 0 && fclose(f) == 0 && ok;
    return ok;
}

/* Makes the SM2 key that signs the heads of the audit log, and a file with its public half for auditors. */
static bool make_log_key(struct ch_arena *a)
{
    const char *path = key_path(a, "runner", "log-sm2.pem"), *public_path = key_path(a, "runner", "log-sm2.pub");
    bool there = access(path, F_OK) == 0;

    if (there && access(public_path, F_OK) == 0)
        return true;
    EVP_PKEY *key = there ? ch_key_private(path) : EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    bool ok = key != NULL && (there || write_pem(path, key, true)) && write_pem(public_path, key, false);
    EVP_PKEY_free(key);
    return ok;
}

/* Whether the list has a row with that folder and, unless it is 0, that data key. */
static bool has_part(const struct ch_rows *parts, const char *folder, int64_t id)
{
    for (int i = 0; i < parts->n; i++)
        if (strcmp(ch_col(parts, i, "folder"), folder) == 0 && (id == 0 || ch_col_int(parts, i, "id") == id))
            return true;
    return false;
}

static bool read_parts(struct ch_arena *a, struct ch_db *db, const char *op, struct ch_rows *parts)
{
    return admin_run(a, db, op, CH_CALL(&admin_data_keys, ch_p_text(ch_db_keys_folders(a, CH_KEYS_ALL))), parts);
}

/* Makes the folders and the files that are missing. It makes no new kek-1.key if that key was replaced by a rotation. */
static bool make_files(struct ch_arena *a, const struct ch_rows *parts)
{
    for (size_t i = 0; i < CH_KEYS_COUNT; i++) {
        const struct ch_keys_row *row = &ch_keys_rows[i];
        mkdir(key_path(a, row->name, ""), 0700); /* it may exist; if it cannot be made, the next steps fail */
        if (row->encrypts && !has_part(parts, row->name, 0) &&
            !ch_keyfile_make(key_path(a, row->name, "kek-1.key"), KEY_MODE))
            return false;
    }
    return ch_keyfile_make(key_path(a, "find", "index.key"), KEY_MODE) &&
           ch_keyfile_make(key_path(a, "session", "csrf.key"), KEY_MODE) && make_log_key(a);
}

/* The call that stores a new part of a data key. */
static struct ch_call part_call(struct ch_arena *a, const struct ch_ring *ring, const char *folder, int64_t id)
{
    struct ch_param *p = ch_alloc(a, 4 * sizeof *p);
    struct ch_bytes wrapped;
    uint32_t kek;

    ch_ring_make(ring, a, folder, (uint32_t)id, &kek, &wrapped);
    p[0] = ch_p_int(a, id);
    p[1] = ch_p_text(folder);
    p[2] = ch_p_int(a, kek);
    p[3] = ch_p_bytes(wrapped);
    return ch_call_of(&admin_data_key_part_new, p, 4);
}

/* Makes the parts of data keys for folders that have none yet: all of a new installation, and those of a folder that an upgrade
 * has added. */
static bool make_parts(struct ch_arena *a, struct ch_db *db, const struct ch_ring *ring, const struct ch_rows *parts)
{
    struct ch_rows ids;

    if (!admin_run(a, db, "admin.keys", CH_CALL0(&admin_data_key_ids), &ids))
        return false;
    for (int i = 0; i < ids.n; i++)
        for (size_t k = 0; k < CH_KEYS_COUNT; k++) {
            int64_t id = ch_col_int(&ids, i, "id");
            const struct ch_keys_row *row = &ch_keys_rows[k];
            if (row->encrypts && !has_part(parts, row->name, id) &&
                !admin_run(a, db, "admin.keys", part_call(a, ring, row->name, id), NULL))
                return false;
        }
    return true;
}

/* Makes what is missing; run again, it changes nothing. */
static bool make_first_keys(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows parts;
    struct ch_ring *ring = NULL;
    bool ok = read_parts(a, db, "admin.keys", &parts) && make_files(a, &parts) &&
              admin_run(a, db, "admin.keys", CH_CALL0(&admin_data_key_first), NULL) &&
              (ring = ch_ring_open(ch_conf(CONF_KEYS), CH_KEYS_ALL)) != NULL && make_parts(a, db, ring, &parts);

    ch_ring_free(ring);
    return ok;
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

/* Makes the file of the folder's next key-encryption key. If there is a newer file than any data key uses, an earlier rotation was
 * interrupted; that file is then used, and none is made. */
static bool next_kek_file(struct ch_arena *a, const struct ch_ring *ring, const struct ch_rows *parts, const char *folder)
{
    uint32_t newest = ch_ring_kek(ring, folder), used = 0;

    for (int i = 0; i < parts->n; i++)
        if (strcmp(ch_col(parts, i, "folder"), folder) == 0 && (uint32_t)ch_col_int(parts, i, "kek") > used)
            used = (uint32_t)ch_col_int(parts, i, "kek");
    return newest > used || ch_keyfile_make(key_path(a, folder, ch_printf(a, "kek-%u.key", newest + 1)), KEY_MODE);
}

static bool next_kek_files(struct ch_arena *a, const struct ch_ring *ring, const struct ch_rows *parts)
{
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if (ch_keys_rows[i].encrypts && !next_kek_file(a, ring, parts, ch_keys_rows[i].name))
            return false;
    return true;
}

/* Rewraps all parts of all data keys in one transaction: afterwards either all of them are under the new key-encryption keys or
 * none is. */
static bool rewrap_all(struct ch_arena *a, struct ch_db *db, const struct ch_ring *ring, const struct ch_rows *parts)
{
    size_t n = (size_t)parts->n;
    struct ch_call *calls = ch_alloc(a, n * sizeof *calls);

    for (size_t i = 0; i < n; i++) {
        struct ch_param *p = ch_alloc(a, 5 * sizeof *p);
        const char *folder = ch_col(parts, (int)i, "folder");
        struct ch_bytes wrapped;
        uint32_t kek;
        if (!ch_ring_rewrap(ring, a, folder, (uint32_t)ch_col_int(parts, (int)i, "id"), &kek, &wrapped))
            return false;
        p[0] = ch_p_text(ch_col(parts, (int)i, "id"));
        p[1] = ch_p_text(folder);
        p[2] = ch_p_text(ch_col(parts, (int)i, "kek"));
        p[3] = ch_p_int(a, kek);
        p[4] = ch_p_bytes(wrapped);
        calls[i] = ch_call_of(&admin_data_key_rewrapped, p, 5);
    }
    return admin_run_all(a, db, "keys.rotate-kek", calls, n);
}

static bool rotate_kek(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows parts;
    struct ch_ring *ring = ch_db_keys_load(db, CH_KEYS_ALL);
    bool ok = ring != NULL && read_parts(a, db, "keys.rotate-kek", &parts) && next_kek_files(a, ring, &parts);

    ch_ring_free(ring);
    ring = ok ? ch_db_keys_load(db, CH_KEYS_ALL) : NULL; /* once more, with the new files */
    ok = ring != NULL && rewrap_all(a, db, ring, &parts);
    if (ok)
        printf("kek-%u.key of each folder wraps every data key. When they are backed up and %lld seconds are over, the older "
               "kek-*.key can be removed.\n",
               ch_ring_kek(ring, "order"), (long long)(2 * ch_conf_int(CONF_KEYS_REFRESH)));
    ch_ring_free(ring);
    return ok;
}

/* Makes the next data key with a part for each folder, in one transaction. The runner then re-encrypts all values with it
 * (programs/runner/reencrypt.c). */
static bool rotate_data(struct ch_arena *a, struct ch_db *db)
{
    struct ch_ring *ring = ch_ring_open(ch_conf(CONF_KEYS), CH_KEYS_ALL);
    int64_t wait = CH_RING_ANNOUNCE * ch_conf_int(CONF_KEYS_REFRESH);
    struct ch_call calls[CH_KEYS_COUNT + 1];
    size_t n = 1;
    struct ch_rows r;

    if (ring == NULL || !admin_run(a, db, "keys.rotate-data", CH_CALL0(&admin_data_key_free), &r)) {
        ch_ring_free(ring);
        return false;
    }
    int64_t id = ch_col_int(&r, 0, "id");
    calls[0] = CH_CALL(&admin_data_key_next, ch_p_int(a, id), ch_p_int(a, wait));
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if (ch_keys_rows[i].encrypts)
            calls[n++] = part_call(a, ring, ch_keys_rows[i].name, id);
    bool ok = admin_run_all(a, db, "keys.rotate-data", calls, n);
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
