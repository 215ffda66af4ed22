/* SPDX-License-Identifier: Apache-2.0
 * All that the signer works with, open for as long as the process runs: database, field keys, the authority's keys. */
#ifndef SIGNER_SIGNER_H
#define SIGNER_SIGNER_H

#include "core/base/error.h"
#include "core/crypto/ring.h"
#include "core/db/db.h"
#include "programs/signer/hierarchy.h"
#include "signer_sql.h"

#define SIGNER_CAS 3

struct signer {
    struct ch_db *db;
    struct ch_ring *ring; /* opens the orders' forms */
    struct hierarchy ca[SIGNER_CAS]; /* those whose keys are here, the one of setting ca_algorithm first */
    size_t n_ca;
    struct ch_profiles *profiles;
    int iterations; /* of a key file's password hashing */
    const char *origin, *site;
};

/* Opens everything by the settings; false after logging why. Ended with signer_close, which cleanses. */
bool signer_open(struct signer *s) CH_MUST;

/* Every statement of the signer; ends with NULL. */
extern const struct ch_stmt *const *const signer_lists[];
void signer_close(struct signer *s);

/* The file of setting `profiles`; NULL after logging what is wrong with it. */
struct ch_profiles *signer_profiles(void) CH_MUST;
/* Whose hierarchy it is, by the settings. */
struct authority signer_authority(const struct ch_profiles *profiles);
/* Publishes a certificate of the authority's; NULL is none. False after logging why. */
bool signer_tell(const struct signer *s, struct ch_arena *a, const char *ca, const char *role, X509 *cert) CH_MUST;
/* The CA of that name, "" being the one of setting ca_algorithm; NULL when it is not here. */
const struct hierarchy *signer_ca(const struct signer *s, const char *name) CH_MUST;

/* Fills the ring afresh: a form may have been encrypted under a key made since. False after logging why. */
bool signer_load_ring(struct signer *s) CH_MUST;
/* The same, now and then: before each request. */
void signer_follow_keys(struct signer *s);

#endif
