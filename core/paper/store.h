/* SPDX-License-Identifier: Apache-2.0
 * The store of uploaded papers. Each paper is encrypted under a key of its own, which is stored encrypted in the database. The
 * encrypted bytes are files in the folder of the setting `store`, or objects in the bucket of the setting s3_url.
 *
 * The cipher is AES-256-GCM in chunks of 64 KiB. Each chunk's additional data contain its number and whether it is the last, so
 * that chunks cannot be dropped, swapped or repeated. A paper is stored completely or not at all. */
#ifndef CH_PAPER_STORE_H
#define CH_PAPER_STORE_H

#include "core/base/error.h"
#include "core/crypto/ring.h"

/* The place (core/crypto/ring.h) of the encrypted keys in hall.paper. */
#define CH_PAPER_KEY "paper.key"

/* Store and read a paper under `id` (a UUID); *encrypted_key belongs into the row with that id. CH_E_FULL when the file system has
 * no room, or less than disk_reserve_mb; CH_E_UNAVAILABLE, with a sentence for the person, when the object store does not answer;
 * CH_E_NOT_FOUND when there is no such paper; CH_E_INTERNAL when it does not decrypt, or when the store is not set up. */
enum ch_err ch_store_put(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes plain, struct ch_bytes *encrypted_key) CH_MUST;
enum ch_err ch_store_get(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *id,
                         struct ch_bytes encrypted_key, struct ch_bytes *plain) CH_MUST;

/* The same for papers whose keys are in another column than that of hall.paper; `place` as in core/crypto/ring.h. */
enum ch_err ch_store_put_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes plain, struct ch_bytes *encrypted_key) CH_MUST;
enum ch_err ch_store_get_at(struct ch_arena *a, struct ch_fault *f, const struct ch_ring *ring, const char *place,
                            const char *id, struct ch_bytes encrypted_key, struct ch_bytes *plain) CH_MUST;

/* A page of the ids in the store that were written more than a given time ago. Names that are not UUIDs are not the hall's and
 * are left out. */
struct ch_store_page {
    const char **ids;
    size_t n;
    const char *next; /* `from` of the next page; NULL: this is the last */
};
/* Lists the page that begins at `from`, "" for the first. Files that a crash has left incomplete are deleted on the way if
 * they are that old. */
enum ch_err ch_store_list(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t seconds_ago,
                          struct ch_store_page *page) CH_MUST;

/* Deletes the encrypted bytes, in the folder and in the bucket; CH_OK also when there are none. */
enum ch_err ch_store_delete(struct ch_arena *a, struct ch_fault *f, const char *id) CH_MUST;

#endif
