/* SPDX-License-Identifier: Apache-2.0
 * OCSP over HTTP (RFC 6960, appendix A; RFC 5019). A request is decoded, and the response that the signer has signed beforehand
 * for its certificate is handed out. */
#include "modules/status/status.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/log.h"

#include <stdatomic.h>
#include <string.h>

#define MIME_REQUEST "application/ocsp-request"
#define MIME_RESPONSE "application/ocsp-response"
#define TELL_EVERY_MS 60000

/* Counts the answers of each kind. The log gets the counts at most once a minute, and only when an error was answered. */
static void count_answer(enum ch_ocsp_result result)
{
    static atomic_ullong counts[CH_OCSP_UNAUTHORIZED + 1];
    static atomic_llong told_at;
    long long now = ch_tick_ms(), before = atomic_load(&told_at);

    atomic_fetch_add(&counts[result], 1);
    if (result == CH_OCSP_SUCCESSFUL || now - before < TELL_EVERY_MS ||
        !atomic_compare_exchange_strong(&told_at, &before, now))
        return;
    ch_log(CH_INFO, NULL, "ocsp answers: %llu statuses, %llu malformed, %llu internal, %llu later, %llu unauthorized",
           counts[CH_OCSP_SUCCESSFUL], counts[CH_OCSP_MALFORMED], counts[CH_OCSP_INTERNAL], counts[CH_OCSP_TRY_LATER],
           counts[CH_OCSP_UNAUTHORIZED]);
}

/* Errors are answered as OCSP error responses, with HTTP status 200 (400 for a malformed request). */
static enum ch_err answer_error(struct ch_req *r, enum ch_ocsp_result result)
{
    count_answer(result);
    ch_cache(r, "max-age=0, no-cache");
    return ch_reply_bytes(r, result == CH_OCSP_MALFORMED ? 400 : 200, MIME_RESPONSE, ch_ocsp_error(result));
}

/* Answers an error of our own: tryLater when the database was not available, otherwise internalError. */
static enum ch_err answer_failure(struct ch_req *r, enum ch_err e)
{
    ch_log(CH_ERROR, r->id, "ocsp: %s", r->fault.detail);
    return answer_error(r, e == CH_E_UNAVAILABLE ? CH_OCSP_TRY_LATER : CH_OCSP_INTERNAL);
}

static enum ch_err answer_status(struct ch_req *r, const struct ch_rows *rows)
{
    struct ch_bytes der = ch_col_bytes(rows, r->a, 0, "der");

    /* The certificate's state has just changed, or the signer has not run for long: no signed response is true at present. */
    if (der.p == NULL || ch_col_int(rows, 0, "until") <= ch_now_ms() / 1000)
        return answer_error(r, CH_OCSP_TRY_LATER);
    count_answer(CH_OCSP_SUCCESSFUL);
    return status_reply(r, MIME_RESPONSE, der, ch_col(rows, 0, "etag"), ch_col_int(rows, 0, "since"),
                        ch_col_int(rows, 0, "until"));
}

static enum ch_err look_up_status(struct ch_req *r, struct ch_bytes request)
{
    struct ch_ocsp_id id;
    struct ch_rows rows;
    const char *ca;
    enum ch_ocsp_result read = ch_ocsp_request(r->a, request, &id);

    if (read != CH_OCSP_SUCCESSFUL)
        return answer_error(r, read);
    enum ch_err e = status_issuer(r, &id, &ca);
    if (e == CH_OK && ca == NULL)
        return answer_error(r, CH_OCSP_UNAUTHORIZED);
    if (e == CH_OK)
        e = ch_peek(r, CH_CALL(&status_response, ch_p_text(ca), ch_p_text(id.serial)), &rows);
    if (e != CH_OK)
        return answer_failure(r, e);
    return rows.n == 1 ? answer_status(r, &rows) : answer_error(r, CH_OCSP_UNAUTHORIZED);
}

enum ch_err status_ocsp_post(struct ch_req *r)
{
    if (strcasecmp(ch_fcgi(r, "CONTENT_TYPE"), MIME_REQUEST) != 0) {
        count_answer(CH_OCSP_MALFORMED);
        return ch_fail(r, CH_E_MEDIA_TYPE, "not " MIME_REQUEST);
    }
    return look_up_status(r, r->raw);
}

/* Decodes the request that follows "/ocsp/". It may be percent-encoded or not, a '+' may have become a space on the way, and some
 * clients put a second slash before it. */
static bool decode_address(struct ch_req *r, struct ch_bytes *out)
{
    const char *p = strstr(ch_fcgi(r, "REQUEST_URI"), "/ocsp/");

    if (p == NULL)
        return false;
    p += strlen("/ocsp/");
    p += *p == '/';
    char *text = ch_unpercent(r->a, p, strcspn(p, "?"), false);
    if (text == NULL)
        return false;
    for (char *c = text; (c = strchr(c, ' ')) != NULL;)
        *c = '+';
    return ch_unbase64(r->a, text, out);
}

enum ch_err status_ocsp_get(struct ch_req *r)
{
    struct ch_bytes request;

    return decode_address(r, &request) ? look_up_status(r, request) : answer_error(r, CH_OCSP_MALFORMED);
}
