/* SPDX-License-Identifier: Apache-2.0
 * Where uploaded papers lie: each encrypted under a key of its own, which the database keeps encrypted; as files of the
 * folder `store`, or in the bucket that setting s3_url names, which sees nothing but the encrypted bytes.
 *
 * AES-256-GCM in chunks of 64 KiB; each chunk's additional data holds its number and whether it is the last, so that no
 * chunk can be cut off, swapped or repeated. A paper is complete or not there. */
#ifndef CH_PAPER_STORE_H
#define CH_PAPER_STORE_H

#include "core/base/error.h"
#include "core/crypto/ring.h"

/* Where the keys of hall.paper are encrypted (core/crypto/ring.h). */
#define CH_PAPER_KEY "paper.key"

/* Stores `plain` under `id` (a UUID); *encrypted_key goes into the row of the same id. Both: CH_E_UNAVAILABLE when the
 * object store does not answer (with a sentence for the person), CH_E_NOT_FOUND when there is no such paper,
 * CH_E_INTERNAL when it does not open or the place for it is not set up. */
enum ch_err ch_store_put(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes plain, struct ch_bytes *encrypted_key) CH_MUST;
enum ch_err ch_store_get(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes encrypted_key, struct ch_bytes *plain) CH_MUST;

/* The same for papers whose keys are encrypted in another column than hall.paper's: `place` as in core/crypto/ring.h. */
enum ch_err ch_store_put_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes plain, struct ch_bytes *encrypted_key) CH_MUST;
enum ch_err ch_store_get_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes encrypted_key, struct ch_bytes *plain) CH_MUST;

/* Some of what is kept: the ids whose bytes were written longer than that ago. Names that are no UUIDs are somebody else's
 * and left out. */
struct ch_store_page {
    const char **ids;
    size_t n;
    const char *next; /* where the next page begins; NULL: this was the last */
};
/* `from` "" begins. What a crash has left half written is taken away in passing, once it is that old. */
enum ch_err ch_store_list(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t seconds_ago,
                          struct ch_store_page *page) CH_MUST;

/* Takes the encrypted bytes away, wherever they lie; CH_OK also when they are gone already. */
enum ch_err ch_store_delete(struct ch_arena *a, struct ch_fault *f, const char *id) CH_MUST;

#endif
