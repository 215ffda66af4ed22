/* SPDX-License-Identifier: Apache-2.0
 * The record of the decisions that certificates were issued for, in the signer's folder: <dir>/used-<year><month>, one file for
 * the decisions of a month. A decision is used for one set of serial numbers; so whoever rules the database cannot have the
 * same decision carried out a second time. */
#ifndef SIGNER_USED_H
#define SIGNER_USED_H

#include "core/crypto/digest.h"
#include "core/base/error.h"

/* Decisions older than this, in seconds, are not carried out any more; files of older months may be removed. */
#define USED_AGE (31 * 86400)

/* Records that the decision, made at `time` (seconds), is used for `what` (the serial numbers): on disk when it returns CH_OK.
 * CH_OK as well when it was recorded before for the same, which an interrupted attempt does. CH_E_CONFLICT when it was used for
 * something else; CH_E_INTERNAL when the file cannot be read or written. */
enum ch_err used_take(struct ch_arena *a, const char *dir, struct ch_bytes decision, int64_t time, struct ch_bytes what,
                      struct ch_fault *f) CH_MUST;

#endif
