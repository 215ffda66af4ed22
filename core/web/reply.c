/* SPDX-License-Identifier: Apache-2.0
 * Replies and problem documents. A reply is only sent once the transaction was committed. */
#include "core/web/private.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/text.h"

#include <string.h>

/* Staff decide by what they see, so that a stored text hides nothing from them, whenever and however it was stored. */
static bool is_text_for_staff(const struct ch_req *r, const char *mime)
{
    bool text = mime != NULL && (strncmp(mime, "application/json", 16) == 0 || strncmp(mime, "text/", 5) == 0);

    return text && r->route != NULL && strcmp(ch__audience(r->route->roles), "desk") == 0;
}

static enum ch_err set_reply(struct ch_req *r, int status, const char *mime, struct ch_bytes body)
{
    r->reply.status = status;
    r->reply.mime = mime;
    r->reply.more = false;
    r->reply.body = is_text_for_staff(r, mime) ? ch_text_visible(r->a, body) : body;
    return CH_OK;
}

enum ch_err ch_reply_link(struct ch_req *r, const char *page, const char *token, const char *expires_at)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "url", ch_printf(r->a, "%s/%s/%s#t=%s", ch_conf(CONF_ORIGIN), r->slug, page, token));
    ch_jw_text(&w, "expires_at", expires_at);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 201, ch_jw_done(&w));
}

void ch_header(struct ch_req *r, const char *name, const char *value)
{
    r->reply.headers = ch_printf(r->a, "%s%s: %s\r\n", r->reply.headers != NULL ? r->reply.headers : "", name, value);
}

bool ch_tag_known(struct ch_req *r, const char *tag)
{
    const char *quoted = ch_printf(r->a, "\"%s\"", tag);

    ch_header(r, "ETag", quoted);
    return strstr(ch_fcgi(r, "HTTP_IF_NONE_MATCH"), quoted) != NULL;
}

void ch_cache(struct ch_req *r, const char *control)
{
    r->reply.cache = control;
}

enum ch_err ch_reply_bytes(struct ch_req *r, int status, const char *mime, struct ch_bytes body)
{
    return set_reply(r, status, mime, status == 304 ? CH_BYTES(NULL, 0) : body);
}

enum ch_err ch_reply_json(struct ch_req *r, int status, const char *json)
{
    return set_reply(r, status, "application/json; charset=utf-8", CH_BYTES(json, strlen(json)));
}

enum ch_err ch_reply_out(struct ch_req *r, int status, const struct ch_rows *rows)
{
    const char *out;
    enum ch_err e = ch_col_out(r, rows, &out);
    return e == CH_OK ? ch_reply_json(r, status, out) : e;
}

enum ch_err ch_reply_empty(struct ch_req *r)
{
    return set_reply(r, 204, NULL, CH_BYTES(NULL, 0));
}

enum ch_err ch_reply_redirect(struct ch_req *r, const char *location)
{
    ch_header(r, "Location", location);
    return set_reply(r, 302, NULL, CH_BYTES(NULL, 0));
}

enum ch_err ch_reply_html(struct ch_req *r, int status, const char *html)
{
    ch_header(r, "Content-Security-Policy",
              "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
    return set_reply(r, status, "text/html; charset=utf-8", CH_BYTES(html, strlen(html)));
}

enum ch_err ch_reply_file(struct ch_req *r, const char *mime, const char *name, struct ch_bytes body)
{
    if (name != NULL)
        ch_header(r, "Content-Disposition", ch_printf(r->a, "attachment; filename*=UTF-8''%s", ch_percent(r->a, name)));
    return set_reply(r, 200, mime, body);
}

void ch_wrong(struct ch_req *r, const char *pointer, const char *code, const char *detail)
{
    struct ch_field_error *e = CH_NEW(r->a, struct ch_field_error), **end = &r->errors;

    *e = (struct ch_field_error){pointer, code, detail, NULL};
    while (*end != NULL)
        end = &(*end)->next;
    *end = e;
}

enum ch_err ch_fail_say(struct ch_req *r, enum ch_err code, const char *sentence)
{
    return ch_refuse(&r->fault, code, NULL, sentence);
}

static void put_errors(struct ch_jw *w, const struct ch_req *r)
{
    ch_jw_array(w, "errors");
    for (const struct ch_field_error *e = r->errors; e != NULL; e = e->next) {
        ch_jw_object(w, NULL);
        ch_jw_text(w, "pointer", e->pointer);
        ch_jw_text(w, "code", e->code);
        ch_jw_text(w, "detail", e->detail);
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

/* Problem details of RFC 9457. */
void ch__problem(struct ch_req *r, enum ch_err e)
{
    const struct ch_err_row *row = ch_err_row(e);
    bool said = r->fault.code == e && r->fault.sentence[0] != '\0';
    struct ch_jw w;

    if (said && r->fault.pointer[0] != '\0' && r->errors == NULL)
        ch_wrong(r, r->fault.pointer, row->word, r->fault.sentence);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "type", ch_printf(r->a, "about:blank#%s", row->word));
    ch_jw_text(&w, "title", row->sentence);
    ch_jw_int(&w, "status", row->status);
    ch_jw_text(&w, "code", row->word);
    ch_jw_text(&w, "detail", said ? r->fault.sentence : row->sentence);
    ch_jw_text(&w, "request_id", r->id);
    if (r->errors != NULL)
        put_errors(&w, r);
    if (said && r->fault.changed[0] != '\0')
        ch_jw_raw(&w, "changed", r->fault.changed);
    ch_jw_end_object(&w);
    if (e == CH_E_TOO_MANY)
        ch_header(r, "Retry-After", ch_printf(r->a, "%d", r->fault.retry_seconds > 0 ? r->fault.retry_seconds : 60));
    const char *json = ch_jw_done(&w);
    set_reply(r, row->status, "application/problem+json; charset=utf-8", CH_BYTES(json, strlen(json)));
    ch_log(row->ours ? CH_ERROR : CH_INFO, r->id, "%s refused: %s %s:%d %s", r->route != NULL ? r->route->op : "-",
           row->word, r->fault.file != NULL ? r->fault.file : "-", r->fault.line, r->fault.detail);
}
