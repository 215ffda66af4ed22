/* SPDX-License-Identifier: Apache-2.0
 * The HTTP client that every vendor adapter uses: libcurl, wrapped once.
 *
 * TLS is checked, redirects are not followed, both time-outs are set, http is allowed to loopback addresses alone (and
 * not at all in production). The bytes of the answer are handed out as they came, since signatures are over bytes. */
#ifndef CH_HTTP_CLIENT_H
#define CH_HTTP_CLIENT_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_HTTP_MAX_HEADERS 12

/* AWS Signature Version 4, which libcurl computes over method, path, query, host and the headers that begin with
 * x-amz-. The caller gives x-amz-content-sha256 (lower-case hex of the body's SHA-256) as a header of its own. */
struct ch_http_sigv4 {
    const char *region, *service, *access_key, *secret_key;
};

struct ch_http_request {
    const char *method; /* "GET", "HEAD", "POST" … */
    const char *url;
    const char *headers[CH_HTTP_MAX_HEADERS]; /* "Name: value", ended by NULL */
    struct ch_bytes body;
    bool once; /* moves money: on a fresh connection, never sent a second time by the HTTP layer */
    long timeout_ms; /* 0: the setting vendor_timeout_ms */
    size_t max_body; /* of the answer; 0: 8 MiB */
    const struct ch_http_sigv4 *sigv4; /* NULL: not signed by the HTTP layer */
    /* The address is a stranger's choice: no connection to a loopback, private, link-local or otherwise special address
     * is opened, whatever the name resolves to at that moment, and none is shared or led through a proxy. */
    bool public_only;
};

struct ch_http_response {
    long status;
    struct ch_bytes body;   /* at most `max_body`; NUL-terminated behind its length */
    const char *header_text; /* all header lines as they came */
};

/* CH_OK: there is an answer, whatever its status. CH_E_VENDOR: there is none (refused, time-out, TLS), which for a
 * request that was sent means its effect is unknown. Nothing was sent: CH_E_FORBIDDEN when `public_only` kept the
 * request back, CH_E_INTERNAL when the scheme or host is not allowed. One curl handle a thread is kept for its
 * connections. */
enum ch_err ch_http(struct ch_arena *a, struct ch_fault *f, const struct ch_http_request *req,
                    struct ch_http_response *res) CH_MUST;

/* Makes libcurl ready, once a process: for what speaks another of its protocols. ch_http does it by itself. */
void ch_http_begin(void);

/* The value of a header of the answer, or NULL; the name in any case. */
const char *ch_http_header(struct ch_arena *a, const struct ch_http_response *res, const char *name);

#endif
