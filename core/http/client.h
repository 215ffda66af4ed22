/* SPDX-License-Identifier: Apache-2.0
 * The HTTP client of all vendor adapters, by libcurl.
 *
 * TLS certificates are verified, redirects are not followed, and connecting and the whole request have time-outs. Plain http is
 * allowed to loopback addresses only, and not at all in production. Bodies are returned as they came, since signatures are over
 * bytes. */
#ifndef CH_HTTP_CLIENT_H
#define CH_HTTP_CLIENT_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_HTTP_MAX_HEADERS 12

/* AWS Signature Version 4, computed by libcurl over method, path, query, host and the headers that begin with x-amz-. The
 * caller adds the header x-amz-content-sha256 (SHA-256 of the body in lower-case hex). */
struct ch_http_sigv4 {
    const char *region, *service, *access_key, *secret_key;
};

struct ch_http_request {
    const char *method; /* "GET", "HEAD", "POST" … */
    const char *url;
    const char *headers[CH_HTTP_MAX_HEADERS]; /* "Name: value", ended by NULL */
    struct ch_bytes body;
    bool once;       /* for requests that move money: on a new connection, and never repeated by libcurl */
    long timeout_ms; /* 0: that of the setting vendor_timeout_ms */
    size_t max_body; /* bytes of the answer; 0: 8 MiB */
    const struct ch_http_sigv4 *sigv4; /* NULL: not signed by libcurl */
    /* For URLs that an outsider has chosen: connects to public Internet addresses only, whatever the host name resolves to, and
     * neither shares connections nor uses a proxy. */
    bool public_only;
};

struct ch_http_response {
    long status;
    struct ch_bytes body;    /* at most `max_body` bytes, with a NUL behind them */
    const char *header_text; /* all header lines as they came */
};

/* Sends a request. CH_OK: there is an answer, whatever its status. CH_E_VENDOR: there is none (connection refused, time-out,
 * TLS); the effect of the request is unknown if it was sent. Nothing was sent with CH_E_FORBIDDEN (the address is not public,
 * with `public_only`) and CH_E_INTERNAL (scheme or host not allowed). Each thread has one curl handle, which keeps its
 * connections. */
enum ch_err ch_http(struct ch_arena *a, struct ch_fault *f, const struct ch_http_request *req,
                    struct ch_http_response *res) CH_MUST;

/* Initializes libcurl, once in a process, for code that uses libcurl itself. ch_http calls it. */
void ch_http_begin(void);

/* The value of a header of the answer, or NULL; upper and lower case of the name do not matter. */
const char *ch_http_header(struct ch_arena *a, const struct ch_http_response *res, const char *name);

#endif
