/* SPDX-License-Identifier: Apache-2.0
 * What a partner's link carries (docs/partners.md): either a ticket, which stands for data that the platform has left here, or
 * certificate type and years with a signature. Both are exchanged for a token in the fragment of the log-in page's address.
 * A browser sends no fragment to a server, so the token is in no log; the pages hand it in when they create the draft. */
#include "modules/gate/gate.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/order/ticket.h"

#include <stdlib.h>
#include <string.h>

/* The page that follows the log-in is that of the kind of business; NULL: people choose. */
static enum ch_err redirect_to_login(struct ch_req *r, const char *business, const char *entry)
{
    const char *query = business != NULL ? ch_printf(r->a, "?business=%s", business) : "";
    const char *fragment = entry != NULL ? ch_printf(r->a, "#entry=%s", entry) : "";
    return ch_reply_redirect(r, ch_printf(r->a, "/%s/login%s%s", r->slug, query, fragment));
}

static enum ch_err enter_by_ticket(struct ch_req *r, const char *ticket)
{
    unsigned char old[CH_SHA256_BYTES], fresh[CH_SHA256_BYTES];
    const char *entry = ch_session_token(r, fresh);
    struct ch_rows rows;

    ch_sha256(CH_BYTES(ticket, strlen(ticket)), old);
    enum ch_err e = ch_run_row(
        r, CH_CALL(&gate_ticket_open, ch_p_bytes(CH_BYTES(old, sizeof old)), ch_p_bytes(CH_BYTES(fresh, sizeof fresh))),
        &rows);
    if (e != CH_OK)
        return e;
    const char *word = ch_col_text(&rows, 0, "word");
    if (strcmp(word, "used") == 0)
        return gate_refuse_link(r, 410, "这个链接已经打开过，只能使用一次。");
    if (strcmp(word, "ok") != 0)
        return gate_refuse_link(r, 410, "链接已过期，请在 10 分钟内打开。");
    return redirect_to_login(r, ch_col(&rows, 0, "business"), entry);
}

static const char *query_or_empty(struct ch_req *r, const char *name)
{
    const char *v = ch_query(r, name);
    return v != NULL ? v : "";
}

/* Returns the id of the partner's key that has signed the link, or NULL. The signature covers slug, projectId, cert_type, years
 * and exp, one on each line, and the kind of business if the link names one. */
static const char *find_signing_key(struct ch_req *r, const struct ch_rows *keys)
{
    const char *text = ch_printf(r->a, "%s\n%s\n%s\n%s\n%s", r->slug, query_or_empty(r, "projectId"),
                                 query_or_empty(r, "cert_type"), query_or_empty(r, "years"), query_or_empty(r, "exp"));
    const char *business = ch_query(r, "business");
    struct ch_bytes sent, secret;
    const char *found = NULL;

    if (business != NULL)
        text = ch_printf(r->a, "%s\n%s", text, business);
    if (!ch_unbase64(r->a, query_or_empty(r, "sig"), &sent))
        return NULL;
    for (int i = 0; i < keys->n; i++) {
        unsigned char mac[CH_SHA256_BYTES];
        const char *id = ch_col(keys, i, "id");
        if (!ch_decrypt(ch_ring(), r->a, CH_PARTNER_SECRET, id, ch_col_bytes(keys, r->a, i, "secret"), &secret))
            continue;
        ch_hmac_sha256(secret, CH_BYTES(text, strlen(text)), mac);
        if (ch_same(sent, CH_BYTES(mac, sizeof mac)))
            found = id;
    }
    return found;
}

/* Returns the link's certificate type and years as a form in JSON; NULL when one of them is malformed. */
static const char *form_of_link(struct ch_req *r)
{
    const char *type = query_or_empty(r, "cert_type"), *years = query_or_empty(r, "years");
    size_t points;
    struct ch_jw w;

    if (*type == '\0' || strlen(type) > 32 || !ch_utf8(type, strlen(type), &points))
        return NULL;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "cert_type", type);
    if (strlen(years) == 1 && *years >= '1' && *years <= '5')
        ch_jw_int(&w, "years", *years - '0');
    else if (*years != '\0')
        return NULL;
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static enum ch_err enter_by_signature(struct ch_req *r, const char *business, const char *first)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *id = ch_uuid7(r->a), *form = form_of_link(r);
    const char *entry = ch_session_token(r, hash);
    struct ch_rows keys;

    enum ch_err e = ch_run(r, CH_CALL(&gate_partner_keys, ch_p_text(r->slug)), &keys);
    if (e != CH_OK)
        return e;
    const char *key = find_signing_key(r, &keys);
    if (key == NULL || form == NULL)
        return gate_refuse_link(r, 403, "链接中的签名不正确，内容可能被改动过。");
    if (strtoll(query_or_empty(r, "exp"), NULL, 10) < ch_now_ms() / 1000)
        return gate_refuse_link(r, 410, "链接已过期。");
    struct ch_bytes encrypted = ch_encrypt(ch_ring(), r->a, CH_TICKET_FORM, id, CH_BYTES(form, strlen(form)));
    e = ch_run(r,
               CH_CALL(&gate_ticket_of_link, ch_p_text(id), ch_p_text(key), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                       ch_p_bytes(encrypted), ch_p_text(business)),
               NULL);
    return e == CH_OK ? redirect_to_login(r, business != NULL ? business : first, entry) : e;
}

enum ch_err gate_enter(struct ch_req *r, const char *business, const char *first)
{
    const char *ticket = ch_query(r, "ticket");

    if (ticket != NULL)
        return enter_by_ticket(r, ticket);
    return ch_query(r, "sig") != NULL ? enter_by_signature(r, business, first) : redirect_to_login(r, business, NULL);
}
