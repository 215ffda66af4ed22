/* SPDX-License-Identifier: Apache-2.0
 * An object store that speaks Amazon's S3: objects of one bucket, addressed path style, each request signed with AWS
 * Signature Version 4 (docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)").
 *
 * Setting s3_url is https://host/bucket, with a prefix behind it if several halls share the bucket. All operations may be
 * repeated: a key is only ever written with the same bytes. */
#ifndef CH_GATEWAY_S3_H
#define CH_GATEWAY_S3_H

#include "core/gateway/outcome.h"

/* The largest object that is taken back. */
#define CH_S3_MAX ((size_t)65 * 1024 * 1024)

/* `key`: letters, digits and "-_./", so that it stands in a path as it is. CH_REFUSED carries the store's own code
 * ("AccessDenied", "SignatureDoesNotMatch"), or the status where there is none. */
enum ch_err ch_s3_put(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes object,
                      struct ch_answer *answer) CH_MUST;
enum ch_err ch_s3_get(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_bytes *object,
                      struct ch_answer *answer) CH_MUST;
enum ch_err ch_s3_head(struct ch_arena *a, struct ch_fault *f, const char *key, int64_t *size,
                       struct ch_answer *answer) CH_MUST;
/* CH_ACCEPTED as well when there was no such object. */
enum ch_err ch_s3_delete(struct ch_arena *a, struct ch_fault *f, const char *key, struct ch_answer *answer) CH_MUST;

/* What lies directly under s3_url, a page at a time (ListObjectsV2). */
struct ch_s3_object {
    const char *key;  /* without the prefix */
    int64_t modified; /* seconds since 1970 by the store's clock */
};
struct ch_s3_page {
    struct ch_s3_object *objects;
    size_t n;
    const char *next; /* token of the next page; NULL: this was the last */
};
/* `token` NULL or "": from the beginning. */
enum ch_err ch_s3_list(struct ch_arena *a, struct ch_fault *f, const char *token, struct ch_s3_page *page,
                       struct ch_answer *answer) CH_MUST;
/* Reads such a page; false when it is none. Objects whose keys do not begin with `prefix`, or whose times do not read, are
 * left out. Done by ch_s3_list. */
bool ch_s3_list_read(struct ch_arena *a, struct ch_bytes body, const char *prefix, struct ch_s3_page *page) CH_MUST;

/* True when the store answered that it has no such object, which is another thing than no answer. */
bool ch_s3_missing(const struct ch_answer *answer);

/* What an answer of that status and body says; done by all of the above after receiving. */
struct ch_answer ch_s3_answer(struct ch_arena *a, long status, struct ch_bytes body);

#endif
