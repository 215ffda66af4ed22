/* SPDX-License-Identifier: Apache-2.0
 * Where uploaded papers lie: one encrypted file each, under a key of its own that the database keeps sealed.
 *
 * AES-256-GCM in chunks of 64 KiB; each chunk's additional data holds its number and whether it is the last, so that no
 * chunk can be cut off, swapped or repeated. A file is complete or not there: written aside, synced, renamed. */
#ifndef CH_HALL_STORE_H
#define CH_HALL_STORE_H

#include "core/base/error.h"
#include "core/crypto/seal.h"

/* Stores `plain` under `id` (a UUID); *sealed_key goes into the row of the same id. */
enum ch_err ch_store_put(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes plain, struct ch_bytes *sealed_key) CH_MUST;
enum ch_err ch_store_get(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes sealed_key, struct ch_bytes *plain) CH_MUST;

#endif
