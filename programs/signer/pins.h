/* SPDX-License-Identifier: Apache-2.0
 * Making and opening PINs (core/crypto/pin.h describes their form at rest, sql/code/pin.sql their life). The operations are
 * pin_make, whose subject is an order's id; pin_rekey, without a subject, which rewraps one batch and answers CH_E_CONFLICT when
 * none is left; and pin_box, whose subject is the id of a producer's request for a token's PIN. */
#ifndef SIGNER_PINS_H
#define SIGNER_PINS_H

#include "programs/signer/signer.h"

/* Decrypts the order's PIN for `purpose` ("production"); *pin is a secret of the arena. The opening is committed to the ledger
 * before the PIN exists in the clear. CH_E_UNAVAILABLE: the PIN is not made yet; CH_E_CONFLICT: the purpose is already
 * fulfilled, or the order does not need it. */
enum ch_err pin_open(struct signer *s, struct ch_arena *a, const char *order_id, const char *purpose, const char **pin,
                     struct ch_fault *f) CH_MUST;

/* Makes the next key-encryption key, and a job by which the runner has every PIN rewrapped with it; false after logging why. The
 * older keys can be removed when `certhall-admin keys list` shows no PIN under them. */
bool pins_next_key(void) CH_MUST;

#endif
