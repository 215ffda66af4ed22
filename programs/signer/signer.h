/* SPDX-License-Identifier: Apache-2.0
 * What the signer keeps open as long as the process runs: database, field keys, and the authority's own keys. */
#ifndef SIGNER_SIGNER_H
#define SIGNER_SIGNER_H

#include "core/base/error.h"
#include "core/crypto/ring.h"
#include "core/db/db.h"
#include "programs/signer/hierarchy.h"
#include "signer_sql.h"

/* The folders of keys that the signer reads, besides its own: forms, pictures of seals, what is written about
 * revocations, keyed hashes of ID numbers. */
#define SIGNER_KEYS (CH_KEYS_ORDER | CH_KEYS_SEALPICTURE | CH_KEYS_REVOCATION | CH_KEYS_FIND)

#define SIGNER_CAS 3

struct signer {
    struct ch_db *db;
    struct ch_ring *ring;            /* decrypts the orders' forms */
    struct hierarchy ca[SIGNER_CAS]; /* the CAs whose keys are here, first the one of setting ca_algorithm */
    size_t n_ca;
    struct ch_profiles *profiles;
    int iterations; /* rounds of a key file's password hashing */
    const char *origin, *site;
};

/* Opens everything according to the settings; false after logging why. On success it is to be ended with signer_close, which wipes
 * it. */
bool signer_open(struct signer *s) CH_MUST;

/* All statements of the signer, ended by NULL. */
extern const struct ch_stmt *const *const signer_lists[];
void signer_close(struct signer *s);

/* Loads the file of setting `profiles`; NULL after logging what is wrong with it. */
struct ch_profiles *signer_profiles(void) CH_MUST;
/* The authority according to the settings. */
struct authority signer_authority(const struct ch_profiles *profiles);
/* Publishes a certificate of the authority in the database; nothing for NULL. False after logging why. */
bool signer_tell(const struct signer *s, struct ch_arena *a, const char *ca, const char *role, X509 *cert) CH_MUST;
/* The CA of that name, where "" is the one of setting ca_algorithm; NULL when its keys are not here. */
const struct hierarchy *signer_ca(const struct signer *s, const char *name) CH_MUST;

/* Reads the field keys anew, because a form may be encrypted with a key that was made since. False after logging why. */
bool signer_load_ring(struct signer *s) CH_MUST;
/* The same when it is due; called before each request. */
void signer_follow_keys(struct signer *s);

#endif
