/* SPDX-License-Identifier: Apache-2.0
 * Where encrypted papers are kept: what core/paper/store.c needs of a folder or of an object store. */
#ifndef CH_PAPER_STORE_BACKEND_H
#define CH_PAPER_STORE_BACKEND_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/paper/store.h"

/* Longer ones are not taken back. */
#define CH_STORE_MAX ((size_t)64 * 1024 * 1024)

/* Errors of both: CH_E_NOT_FOUND, there is no such paper; CH_E_UNAVAILABLE, the keeping place cannot be reached just
 * now; CH_E_INTERNAL, it is not set up, or refuses. */
struct ch_store_backend {
    /* Complete and lasting when it returns CH_OK; otherwise what was there before, or nothing, or all of it. */
    enum ch_err (*put)(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted);
    enum ch_err (*get)(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted);
    enum ch_err (*gone)(struct ch_arena *a, struct ch_fault *f, const char *id); /* takes it away */
    /* As ch_store_list; `before` in seconds since 1970. */
    enum ch_err (*list)(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before, struct ch_store_page *page);
};

extern const struct ch_store_backend ch_store_file; /* the folder of setting `store` */
extern const struct ch_store_backend ch_store_s3;   /* the bucket of setting s3_url */

#endif
