/* SPDX-License-Identifier: Apache-2.0
 * Revocation lists and the authority's own certificates, under the addresses that certificates contain:
 *
 *   ca-<name>.crl  ca-<name>-delta.crl  ca-<name>.cer  root-<name>.cer, each as DER, and with .pem appended as PEM */
#include "modules/status/status.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"

#include <string.h>

#define FRESH \
    3600 /* seconds that a cache may keep an answer at most, because a revocation makes a new list ahead of time */
#define PEM_LINE 64

static const char *http_date(struct ch_req *r, int64_t at)
{
    return ch_utc(r->a, at, "%a, %d %b %Y %H:%M:%S GMT");
}

enum ch_err status_reply(struct ch_req *r, const char *mime, struct ch_bytes body, const char *etag, int64_t since,
                         int64_t until)
{
    int64_t left = until - ch_now_ms() / 1000, keep = left < 0 ? 0 : left < FRESH ? left : FRESH;
    bool known = ch_tag_known(r, etag);

    ch_cache(r, ch_printf(r->a, "max-age=%d, public, no-transform, must-revalidate", (int)keep));
    ch_header(r, "Last-Modified", http_date(r, since));
    ch_header(r, "Expires", http_date(r, until));
    ch_header(r, "Access-Control-Allow-Origin", "*");
    return ch_reply_bytes(r, known ? 304 : 200, mime, body);
}

/* Encodes as PEM (RFC 7468). */
static struct ch_bytes as_pem(struct ch_req *r, const char *label, struct ch_bytes der)
{
    struct ch_buf b;
    const char *text = ch_base64(r->a, der);

    ch_buf_init(&b, r->a);
    ch_buf_printf(&b, "-----BEGIN %s-----\n", label);
    for (size_t n = strlen(text), at = 0; at < n; at += PEM_LINE)
        ch_buf_printf(&b, "%.*s\n", PEM_LINE, text + at);
    ch_buf_printf(&b, "-----END %s-----\n", label);
    return ch_buf_bytes(&b);
}

struct wanted;
typedef enum ch_err answerer(struct ch_req *r, const struct wanted *w);

struct kind {
    const char *head, *tail; /* what surrounds the CA's name; "-delta.crl" is listed before ".crl", in which it ends */
    const char *word;        /* of a list "full" or "delta"; of a certificate its role */
    const char *mime, *label;
    answerer *answer;
};

/* The file that the request's file name stands for. */
struct wanted {
    const struct kind *kind;
    const char *ca;
    bool pem;
};

/* Answers with the file, as DER or as PEM. */
static enum ch_err answer_file(struct ch_req *r, const struct wanted *w, struct ch_bytes der, const char *etag,
                               int64_t since, int64_t until)
{
    if (!w->pem)
        return status_reply(r, w->kind->mime, der, etag, since, until);
    return status_reply(r, "application/x-pem-file", as_pem(r, w->kind->label, der), ch_printf(r->a, "%s-pem", etag),
                        since, until);
}

static enum ch_err answer_list(struct ch_req *r, const struct wanted *w)
{
    struct ch_rows rows;
    bool delta = strcmp(w->kind->word, "delta") == 0;
    enum ch_err e = ch_peek(r, CH_CALL(&status_list, ch_p_text(w->ca), ch_p_bool(delta)), &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes der = rows.n == 1 ? ch_col_bytes(&rows, r->a, 0, "file") : CH_BYTES(NULL, 0);
    if (der.p == NULL)
        return ch_fail(r, CH_E_NOT_FOUND, "no list");
    return answer_file(r, w, der, ch_printf(r->a, "%s-%s-%s", w->ca, w->kind->word, ch_col(&rows, 0, "number")),
                       ch_col_int(&rows, 0, "since"), ch_col_int(&rows, 0, "until"));
}

static enum ch_err answer_certificate(struct ch_req *r, const struct wanted *w)
{
    struct ch_rows rows;
    enum ch_err e = ch_peek(r, CH_CALL(&status_certificate, ch_p_text(w->ca), ch_p_text(w->kind->word)), &rows);

    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail(r, CH_E_NOT_FOUND, "no certificate");
    struct ch_bytes der = ch_col_bytes(&rows, r->a, 0, "certificate");
    return answer_file(r, w, der, ch_sha256_hex(r->a, der), ch_col_int(&rows, 0, "since"), ch_now_ms() / 1000 + FRESH);
}

static const struct kind kinds[] = {
    {"ca-", "-delta.crl", "delta", "application/pkix-crl", "X509 CRL", answer_list},
    {"ca-", ".crl", "full", "application/pkix-crl", "X509 CRL", answer_list},
    {"ca-", ".cer", "issuing", "application/pkix-cert", "CERTIFICATE", answer_certificate},
    {"root-", ".cer", "root", "application/pkix-cert", "CERTIFICATE", answer_certificate},
};

/* Removes `tail` from the end of the name; false when the name does not end in it, or is nothing else. */
static bool strip_ending(struct ch_req *r, const char **name, const char *tail)
{
    size_t n = strlen(*name), m = strlen(tail);

    if (n <= m || strcmp(*name + n - m, tail) != 0)
        return false;
    *name = ch_strndup(r->a, *name, n - m);
    return true;
}

enum ch_err status_crl(struct ch_req *r)
{
    const char *name = ch_var(r, "file");
    struct wanted w = {.pem = strip_ending(r, &name, ".pem")};

    for (size_t i = 0; i < CH_COUNT(kinds); i++) {
        size_t head = strlen(kinds[i].head);
        if (strncmp(name, kinds[i].head, head) != 0 || !strip_ending(r, &name, kinds[i].tail))
            continue;
        w.kind = &kinds[i];
        w.ca = name + head;
        return w.kind->answer(r, &w);
    }
    return ch_fail(r, CH_E_NOT_FOUND, "no such file");
}
