/* SPDX-License-Identifier: Apache-2.0
 * Fills key rings (core/crypto/ring.h): the data keys are rows of hall.data_key_part, wrapped under the key-encryption
 * keys in the folders of the setting `keys`. */
#ifndef CH_DB_KEYS_H
#define CH_DB_KEYS_H

#include "core/crypto/ring.h"
#include "core/db/db.h"

/* The names of the folders in the mask that encrypt, as a PostgreSQL array in the arena: the parameter of statements that read
 * hall.data_key_part. */
const char *ch_db_keys_folders(struct ch_arena *a, unsigned folders) CH_MUST;

/* A ring with the keys of these folders (CH_KEYS_…), which the caller frees with ch_ring_free; NULL after logging why. The
 * connection has prepared keys_statements (keys_sql.h). */
struct ch_ring *ch_db_keys_load(struct ch_db *db, unsigned folders) CH_MUST;

/* Replaces the keys of a ring by those in the database now. On failure, which is logged, the ring stays as it is. */
bool ch_db_keys_refill(struct ch_ring *r, struct ch_db *db, unsigned folders) CH_MUST;

/* Refills the process's only ring when the last refill is older than the setting keys_refresh, since keys are added, activated
 * and removed while the hall runs. Called before each request or job. Threads that call it at the same time wait for the
 * refill. */
void ch_db_keys_follow(struct ch_ring *r, struct ch_db *db, unsigned folders);
/* Whether ch_db_keys_follow would refill the ring. */
bool ch_db_keys_stale(void) CH_MUST;

/* In refreshes (setting keys_refresh). A new key becomes active after CH_RING_ANNOUNCE of them, when every program has it. A
 * retired key is destroyed CH_RING_GRACE of them after the last value was encrypted anew, when no program encrypts under it
 * any more. */
#define CH_RING_ANNOUNCE 3
#define CH_RING_GRACE 10

#endif
