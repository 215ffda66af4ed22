/* SPDX-License-Identifier: Apache-2.0
 * PINs, as the signer makes and opens them (core/crypto/pin.h has their form at rest, sql/code/pin.sql their life).
 * Operations: pin_make (an order's id), pin_rekey (nothing; a batch, CH_E_CONFLICT when none is left), pin_box (the id of
 * a producer's request for a token's PIN). */
#ifndef SIGNER_PINS_H
#define SIGNER_PINS_H

#include "programs/signer/signer.h"

/* The order's PIN for `purpose` ("production"), a secret of the arena. The opening is in the ledger, committed, before the
 * PIN exists in clear. CH_E_UNAVAILABLE: it is not made yet; CH_E_CONFLICT: that purpose is fulfilled, or the order does
 * not ask for it. */
enum ch_err pin_open(struct signer *s, struct ch_arena *a, const char *order_id, const char *purpose, const char **pin,
                     struct ch_fault *f) CH_MUST;

/* Makes the next key-encryption key and asks the runner to have every PIN put under it; false after logging why. The
 * older keys can be removed when `certhall-admin keys list` shows no PIN under them. */
bool pins_next_key(void) CH_MUST;

#endif
