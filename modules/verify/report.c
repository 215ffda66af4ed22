/* SPDX-License-Identifier: Apache-2.0
 * Writes the findings of a check as the JSON of the answer. */
#include "modules/verify/verify.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/pki/words.h"

#include <string.h>
#include <strings.h>

#define PICTURE_MAX CH_KB(256) /* a larger picture of a seal is not shown on the page */

static const char *const verdicts[] = {[VALID] = "valid", [LIMITED] = "limited", [UNSURE] = "unsure", [INVALID] = "invalid"};
/* For a signature, a seal, a receipt: a receipt is either valid or not. */
static const char *const headlines[][3] = {
    [VALID] = {"签名有效", "印章有效", "回执有效"},
    [LIMITED] = {"签名有效，但有需要留意的情况", "印章有效，但有需要留意的情况", NULL},
    [UNSURE] = {"无法确认签名是否有效", "无法确认印章是否有效", NULL},
    [INVALID] = {"签名无效", "印章无效", "回执无效"},
};
static const char *const kinds[][2] = {
    {"cms", "签名文件"}, {"pdf", "已签名的 PDF"}, {"seal", "电子印章"}, {"seal_use", "电子签章"}, {"receipt", "办理记录回执"}};

static const char *kind_name(const char *kind)
{
    size_t i = 0;

    while (strcmp(kinds[i][0], kind) != 0)
        i++;
    return kinds[i][1];
}

static void write_time(struct ch_req *r, struct ch_jw *w, const char *key, int64_t at)
{
    ch_jw_text(w, key, at > 0 ? ch_rfc3339(r->a, at) : NULL);
}

static void write_findings(struct ch_jw *w, const struct signature *s)
{
    ch_jw_array(w, "findings");
    for (size_t i = 0; i < s->n; i++) {
        ch_jw_object(w, NULL);
        ch_jw_text(w, "check", s->findings[i].check);
        ch_jw_text(w, "verdict", verdicts[s->findings[i].level]);
        ch_jw_text(w, "text", s->findings[i].text);
        ch_jw_text(w, "advice", s->findings[i].advice);
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

static void write_chain(struct ch_req *r, struct ch_jw *w, const struct ch_chain *chain)
{
    ch_jw_array(w, "chain");
    for (size_t i = 0; i < chain->n; i++) {
        ch_jw_object(w, NULL);
        ch_jw_text(w, "subject", ch_cert_subject(r->a, chain->link[i]));
        ch_jw_text(w, "serial", ch_cert_serial(r->a, chain->link[i]));
        write_time(r, w, "not_after", ch_cert_end(chain->link[i]));
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

/* The seal's picture as a data URL, for an <img> element, in which a browser runs no scripts of an SVG. */
static const char *picture_url(struct ch_req *r, const struct ch_ses *seal)
{
    static const char *const types[][2] = {{"PNG", "image/png"},   {"SVG", "image/svg+xml"}, {"JPG", "image/jpeg"},
                                           {"JPEG", "image/jpeg"}, {"GIF", "image/gif"},     {"BMP", "image/bmp"}};

    for (size_t i = 0; i < CH_COUNT(types) && seal->picture.n <= PICTURE_MAX; i++)
        if (strcasecmp(types[i][0], seal->picture_type) == 0)
            return ch_printf(r->a, "data:%s;base64,%s", types[i][1], ch_base64(r->a, seal->picture));
    return NULL;
}

static void write_seal(struct ch_req *r, struct ch_jw *w, const struct ch_ses *seal)
{
    if (seal == NULL) {
        ch_jw_null(w, "seal");
        return;
    }
    ch_jw_object(w, "seal");
    ch_jw_text(w, "id", seal->id);
    ch_jw_text(w, "name", seal->name);
    ch_jw_int(w, "version", seal->version);
    ch_jw_text(w, "type", seal->type == CH_SES_UNIT ? "unit" : seal->type == CH_SES_PERSON ? "person" : "other");
    write_time(r, w, "created", seal->created);
    write_time(r, w, "valid_from", seal->start);
    write_time(r, w, "valid_to", seal->end);
    ch_jw_int(w, "width", seal->width);
    ch_jw_int(w, "height", seal->height);
    ch_jw_text(w, "picture", picture_url(r, seal));
    ch_jw_end_object(w);
}

static void write_signature(struct ch_req *r, struct ch_jw *w, const struct signature *s, int64_t now)
{
    ch_jw_object(w, NULL);
    ch_jw_text(w, "title", s->title);
    ch_jw_text(w, "verdict", verdicts[verify_worth(s)]);
    ch_jw_text(w, "headline", headlines[verify_worth(s)][s->receipt != NULL ? 2 : s->made.p != NULL]);
    write_time(r, w, "signed_at", s->time);
    ch_jw_text(w, "type", s->known.type);
    write_findings(w, s);
    if (s->cert != NULL)
        ch_cert_words(r->a, w, "certificate", s->cert, now);
    else
        ch_jw_null(w, "certificate");
    write_chain(r, w, &s->chain);
    write_seal(r, w, s->made.p != NULL ? s->seal : NULL);
    ch_jw_end_object(w);
}

static void write_content(struct ch_req *r, struct ch_jw *w, struct ch_bytes content)
{
    unsigned char sm3[CH_SM3_BYTES];

    if (content.p == NULL) {
        ch_jw_null(w, "content");
        return;
    }
    ch_sm3(content, sm3);
    ch_jw_object(w, "content");
    ch_jw_int(w, "bytes", (int64_t)content.n);
    ch_jw_text(w, "sm3", ch_hex(r->a, CH_BYTES(sm3, sizeof sm3)));
    ch_jw_text(w, "sha256", ch_sha256_hex(r->a, content));
    ch_jw_end_object(w);
}

static enum level worst_level(const struct upload *u)
{
    enum level level = VALID;

    for (size_t i = 0; i < u->n; i++)
        if (verify_worth(&u->signatures[i]) > level)
            level = verify_worth(&u->signatures[i]);
    return level;
}

char *verify_report(struct ch_req *r, const struct upload *u, int64_t now)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "kind", u->kind);
    ch_jw_text(&w, "kind_name", kind_name(u->kind));
    ch_jw_text(&w, "verdict", verdicts[worst_level(u)]);
    ch_jw_text(&w, "headline",
               headlines[worst_level(u)][strcmp(u->kind, "receipt") == 0 ? 2 : strcmp(u->kind, "seal") == 0]);
    write_time(r, &w, "checked_at", now);
    write_content(r, &w, u->content);
    ch_jw_array(&w, "signatures");
    for (size_t i = 0; i < u->n; i++)
        write_signature(r, &w, &u->signatures[i], now);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}
