/* SPDX-License-Identifier: Apache-2.0
 * The field keys of an installation: rows of hall.data_key, opened with the keys in the folder of setting `keys`. */
#ifndef CH_DB_KEYS_H
#define CH_DB_KEYS_H

#include "core/crypto/seal.h"
#include "core/db/db.h"

/* To be prepared by a connection that ch_ring_load is to read with. */
extern const struct ch_stmt *const ch_key_statements[];

/* The ring with every key of the database; NULL after logging why. Freed with ch_ring_free. */
struct ch_ring *ch_ring_load(struct ch_db *db, const char *dir) CH_MUST;

#endif
