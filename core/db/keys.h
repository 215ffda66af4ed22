/* SPDX-License-Identifier: Apache-2.0
 * The field keys of an installation: rows of hall.data_key, opened with the keys in the folder of setting `keys`. */
#ifndef CH_DB_KEYS_H
#define CH_DB_KEYS_H

#include "core/crypto/ring.h"
#include "core/db/db.h"

/* The ring with every key of the database; NULL after logging why. Freed with ch_ring_free. The connection has prepared
 * keys_statements (keys_sql.h). */
struct ch_ring *ch_db_keys_load(struct ch_db *db, const char *dir) CH_MUST;

/* Fills a ring afresh. When it fails, for which the log says why, the ring stays as it is. */
bool ch_db_keys_refill(struct ch_ring *r, struct ch_db *db, const char *dir) CH_MUST;

/* Does so with the process's one ring when it was filled longer than setting keys_refresh ago: keys come, become active and go
 * under a running hall. Threads that ask at the same time wait for the one that does it. To be called before each
 * piece of work. */
void ch_db_keys_follow(struct ch_ring *r, struct ch_db *db, const char *dir);
/* Whether ch_db_keys_follow would do something. */
bool ch_db_keys_stale(void) CH_MUST;

/* A made key is used after this many refreshes, when every program has it; a retired one is destroyed this many refreshes
 * after the last value was encrypted anew, when no program encrypts under it any more. */
#define CH_RING_ANNOUNCE 3
#define CH_RING_GRACE 10

#endif
