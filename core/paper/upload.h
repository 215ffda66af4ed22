/* SPDX-License-Identifier: Apache-2.0
 * How a file that a person sends is taken: its content is checked, it is encrypted and stored, and only then it gets a row. Whether it is
 * allowed is asked before, by the module. While the file is being stored (on a disk, or in a bucket across the network) no transaction is
 * open and no connection is held, so the route must be CH_TX_EACH. A crash in between leaves a file that no row names, never a row without
 * its file; the runner's sweep removes such files (programs/runner/store.c). */
#ifndef CH_PAPER_UPLOAD_H
#define CH_PAPER_UPLOAD_H

#include "core/web/request.h"

/* The guides allow two MiB (inventory #124). A larger body is refused before it is read. */
#define CH_UPLOAD_MAX CH_KB(2048)

struct ch_upload {
    const char *id;          /* of the file in the store and of its row */
    const char *name, *mime; /* mime is NULL if the file is neither a picture nor a PDF */
    struct ch_param size, hash;
    struct ch_bytes key; /* the file's key, encrypted */
};

/* Reads name and type of the file that the request carries. */
void ch_upload_read(struct ch_req *r, struct ch_upload *f);
/* Checks the file and stores it; its key is encrypted for that place (core/crypto/ring.h). */
enum ch_err ch_upload_store(struct ch_req *r, const char *key_place, struct ch_upload *f) CH_MUST;
/* Makes the row of a stored file with `put`, which checks everything once more, as the order may have changed meanwhile; the file of
 * a row that is refused is deleted. `made`: the row that the statement answers, or NULL. After CH_E_UNAVAILABLE it is unknown whether the row exists. */
enum ch_err ch_upload_keep(struct ch_req *r, const struct ch_upload *f, struct ch_call put, struct ch_rows *made) CH_MUST;
/* Writes the JSON members that all files have. */
void ch_upload_write(struct ch_jw *w, const struct ch_req *r, const struct ch_upload *f);

#endif
