/* SPDX-License-Identifier: Apache-2.0
 * The two things that the signer does for an order: its PIN and its certificate. It does them only when the database
 * says that the order wants them. */
#ifndef SIGNER_ORDERS_H
#define SIGNER_ORDERS_H

#include "core/base/error.h"
#include "core/crypto/cipher.h"
#include "core/crypto/seal.h"
#include "core/db/db.h"
#include "programs/signer/hierarchy.h"

/* All that the work needs, open for as long as the process runs. */
struct signer {
    struct ch_db *db;
    struct ch_ring *ring; /* opens the orders' forms */
    struct hierarchy ca;
    unsigned char pin_key[CH_AES_KEY];
    int iterations; /* of a key file's password hashing */
    const char *origin, *site;
};

/* Opens everything by the settings; false after logging why. Ended with signer_close, which cleanses. */
bool signer_open(struct signer *s) CH_MUST;
void signer_close(struct signer *s);

/* Makes the PIN that the order wants and stores it sealed; CH_OK as well when it is made already. Here and below:
 * CH_E_CONFLICT, the order does not want it; CH_E_UNAVAILABLE, the database does not answer; CH_E_INVALID, the order's
 * data do not make a certificate; everything else is CH_E_INTERNAL. */
enum ch_err order_make_pin(const struct signer *s, struct ch_arena *a, const char *order_id, struct ch_fault *f)
    CH_MUST;
/* Issues the order's certificate in two steps, so that a crash between leaves a trace and is taken up again. */
enum ch_err order_issue(struct signer *s, struct ch_arena *a, const char *order_id, struct ch_fault *f) CH_MUST;

#endif
