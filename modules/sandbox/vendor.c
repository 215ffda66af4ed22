/* SPDX-License-Identifier: Apache-2.0
 * What the handlers of all vendors share: hosts, switches, answers in the vendor's name. */
#include "modules/sandbox/sandbox.h"

bool sandbox_host(const struct ch_req *r, const char *address)
{
    return strcmp(ch_fcgi(r, "VENDOR_HOST"), address) == 0;
}

enum ch_err sandbox_switched(struct ch_req *r, const char *key, bool *on)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_switched_get, ch_p_text(key)), &rows);

    *on = e == CH_OK && ch_col_bool(&rows, 0, "out");
    return e;
}

char *sandbox_url_with(struct ch_arena *a, const char *url, const char *query)
{
    size_t n = strcspn(url, "#");

    return ch_printf(a, "%.*s%c%s%s", (int)n, url, memchr(url, '?', n) != NULL ? '&' : '?', query, url + n);
}

enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body)
{
    r->reply.status = status;
    r->reply.mime = mime;
    r->reply.body = CH_BYTES(body, strlen(body));
    return CH_OK;
}

enum ch_err sandbox_silence(struct ch_req *r)
{
    ch_header(r, "X-Accel-Redirect", "/silence");
    return ch_reply_empty(r);
}
