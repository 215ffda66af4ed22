/* SPDX-License-Identifier: Apache-2.0
 * The interface of core/paper/store.c to the places of encrypted papers: a folder, or an object store. */
#ifndef CH_PAPER_STORE_BACKEND_H
#define CH_PAPER_STORE_BACKEND_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/paper/store.h"

/* Larger ones are not read, in bytes. */
#define CH_STORE_MAX ((size_t)64 * 1024 * 1024)

/* Errors of all: CH_E_FULL when there is no room for it; CH_E_NOT_FOUND when there is no such paper; CH_E_UNAVAILABLE when the
 * place cannot be reached at the moment; CH_E_INTERNAL when it is not set up, or refuses. */
struct ch_store_backend {
    /* Stored durably when it returns CH_OK; otherwise the former bytes, none, or all of the new ones are there. */
    enum ch_err (*put)(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted);
    enum ch_err (*get)(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted);
    enum ch_err (*delete)(struct ch_arena *a, struct ch_fault *f, const char *id); /* deletes it */
    /* As ch_store_list; `before` in seconds since 1970. */
    enum ch_err (*list)(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before,
                        struct ch_store_page *page);
};

extern const struct ch_store_backend ch_store_file; /* the folder of setting `store` */
extern const struct ch_store_backend ch_store_s3;   /* the bucket of setting s3_url */

#endif
