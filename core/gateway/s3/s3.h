/* SPDX-License-Identifier: Apache-2.0
 * An object store with Amazon's S3 protocol. The objects are in one bucket with path-style addresses, and each request is signed
 * with AWS Signature Version 4 (docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)").
 *
 * Setting s3_url is https://host/bucket, followed by a prefix if several halls share the bucket. All operations may be
 * repeated, since a key is always written with the same bytes. */
#ifndef CH_GATEWAY_S3_H
#define CH_GATEWAY_S3_H

#include "core/gateway/outcome.h"

/* The largest object that is read, in bytes. */
#define CH_S3_MAX ((size_t)65 * 1024 * 1024)

/* A key consists of letters, digits and "-_./", so that it needs no encoding in a path. CH_REFUSED has the store's own code
 * ("AccessDenied", "SignatureDoesNotMatch"), or the HTTP status where the store sends no code. */
enum ch_err ch_s3_put(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes object,
                      struct ch_answer *answer) CH_MUST;
enum ch_err ch_s3_get(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes *object,
                      struct ch_answer *answer) CH_MUST;
enum ch_err ch_s3_head(struct ch_arena *a, struct ch_fault *f, const char *key, int64_t *size,
                       struct ch_answer *answer) CH_MUST;
/* CH_ACCEPTED also when there was no such object. */
enum ch_err ch_s3_delete(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_answer *answer) CH_MUST;

/* The objects directly under s3_url, one page at a time (ListObjectsV2). */
struct ch_s3_object {
    const char *key;  /* without the prefix */
    int64_t modified; /* seconds since 1970 by the store's clock */
};
struct ch_s3_page {
    struct ch_s3_object *objects;
    size_t n;
    const char *next; /* token of the next page; NULL: this was the last page */
};
/* Gives the page of `token`; NULL or "": the first page. */
enum ch_err ch_s3_list(struct ch_arena *a, struct ch_fault *f, const char *token, struct ch_s3_page *page,
                       struct ch_answer *answer) CH_MUST;
/* Reads such a page, for ch_s3_list; false when it is not one. Objects whose keys do not begin with `prefix`, or whose times
 * cannot be read, are left out. */
bool ch_s3_list_read(struct ch_arena *a, struct ch_bytes body, const char *prefix, struct ch_s3_page *page) CH_MUST;

/* True when the store answered that it has no such object; a missing answer is CH_UNKNOWN. */
bool ch_s3_missing(const struct ch_answer *answer);

/* The outcome that status and body of an answer stand for; all functions above use it. */
struct ch_answer ch_s3_answer(struct ch_arena *a, long status, struct ch_bytes body);

#endif
