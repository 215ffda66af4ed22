/* SPDX-License-Identifier: Apache-2.0
 * Signing, sending and verifying webhooks (Standard Webhooks 1.0.0). */
#include "core/gateway/webhook/webhook.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/http/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "whsec_"
#define VERSION "v1,"
#define NEW_SECRET_BYTES 32
#define MIN_SECRET_BYTES 24
#define MAX_SECRET_BYTES 64
#define MAX_ID 128
#define MAX_SIGNATURES 16
#define TIMEOUT_MS 15000 /* the standard asks for 15 to 30 seconds */
#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define DIGITS "0123456789"

char *ch_webhook_secret(struct ch_arena *a)
{
    unsigned char key[NEW_SECRET_BYTES];

    ch_random(key, sizeof key);
    const char *text = ch_printf(a, PREFIX "%s", ch_base64(a, CH_BYTES(key, sizeof key)));
    explicit_bzero(key, sizeof key);
    size_t n = strlen(text) + 1;
    return memcpy(ch_alloc_secret(a, n), text, n);
}

/* The next word of a list that blanks separate; NULL at its end. */
static char *next_word(struct ch_arena *a, const char **list)
{
    *list += strspn(*list, " ");
    size_t n = strcspn(*list, " ");
    char *word = n > 0 ? ch_strndup(a, *list, n) : NULL;
    *list += n;
    return word;
}

static bool read_secret(struct ch_arena *a, const char *word, struct ch_bytes *key)
{
    return strncmp(word, PREFIX, strlen(PREFIX)) == 0 && ch_unbase64(a, word + strlen(PREFIX), key) &&
           key->n >= MIN_SECRET_BYTES && key->n <= MAX_SECRET_BYTES;
}

static bool is_id(const char *id)
{
    size_t n = strlen(id);
    return n > 0 && n <= MAX_ID && strspn(id, ID_CHARACTERS) == n;
}

static char *signature_of(struct ch_arena *a, struct ch_bytes key, const char *id, const char *timestamp, struct ch_bytes body)
{
    unsigned char mac[CH_SHA256_BYTES];
    struct ch_buf text;

    ch_buf_init(&text, a);
    ch_buf_printf(&text, "%s.%s.", id, timestamp);
    ch_buf_add(&text, body.p, body.n);
    ch_hmac_sha256(key, ch_buf_bytes(&text), mac);
    return ch_printf(a, VERSION "%s", ch_base64(a, CH_BYTES(mac, sizeof mac)));
}

char *ch_webhook_sign(struct ch_arena *a, const char *secrets, const char *id, int64_t timestamp, struct ch_bytes body)
{
    const char *at = ch_printf(a, "%" PRId64, timestamp);
    struct ch_bytes key;
    struct ch_buf out;

    if (!is_id(id))
        return NULL;
    ch_buf_init(&out, a);
    for (char *word; (word = next_word(a, &secrets)) != NULL;) {
        if (!read_secret(a, word, &key))
            return NULL;
        ch_buf_printf(&out, "%s%s", out.n > 0 ? " " : "", signature_of(a, key, id, at, body));
    }
    return out.n > 0 ? out.p : NULL;
}

static bool is_timely(const char *timestamp, int64_t now)
{
    size_t n = strlen(timestamp);

    if (n == 0 || n > 15 || strspn(timestamp, DIGITS) != n)
        return false;
    int64_t at = strtoll(timestamp, NULL, 10);
    return at >= now - CH_WEBHOOK_WINDOW && at <= now + CH_WEBHOOK_WINDOW;
}

/* True when the list has the wanted signature. Signatures of other versions ("v1a,…", made with a private key) may stand
 * beside it. */
static bool has_signature(struct ch_arena *a, const char *signatures, const char *wanted)
{
    char *word;

    for (int i = 0; i < MAX_SIGNATURES && (word = next_word(a, &signatures)) != NULL; i++)
        if (ch_same(CH_BYTES(word, strlen(word)), CH_BYTES(wanted, strlen(wanted))))
            return true;
    return false;
}

bool ch_webhook_verify(struct ch_arena *a, const char *secrets, const struct ch_webhook_headers *h,
                       struct ch_bytes body, int64_t now)
{
    struct ch_bytes key;

    if (h->id == NULL || h->timestamp == NULL || h->signature == NULL)
        return false;
    if (!is_id(h->id) || !is_timely(h->timestamp, now))
        return false;
    for (char *word; (word = next_word(a, &secrets)) != NULL;)
        if (read_secret(a, word, &key) && has_signature(a, h->signature, signature_of(a, key, h->id, h->timestamp, body)))
            return true;
    return false;
}

struct ch_answer ch_webhook_answer(struct ch_arena *a, long status)
{
    if (status >= 200 && status < 300)
        return (struct ch_answer){CH_ACCEPTED, "", "", ""};
    const char *code = status == 410 ? "gone" : ch_printf(a, "%ld", status);
    bool later = status == 429 || status >= 500 || status < 200;
    return (struct ch_answer){later ? CH_UNKNOWN : CH_REFUSED, code, "", ""};
}

enum ch_err ch_webhook_send(struct ch_arena *a, struct ch_fault *f, const struct ch_webhook *webhook, struct ch_answer *answer)
{
    int64_t now = ch_now_ms() / 1000;
    const char *signed_ = ch_webhook_sign(a, webhook->secrets, webhook->id, now, webhook->body);
    struct ch_fault own = {0};
    struct ch_http_response res;

    if (signed_ == NULL)
        return ch_fault(f, CH_E_INTERNAL, "webhook: the id or a secret cannot be used");
    struct ch_http_request req = {
        .method = "POST",
        .url = webhook->url,
        .headers = {"Content-Type: application/json", ch_printf(a, "webhook-id: %s", webhook->id),
                    ch_printf(a, "webhook-timestamp: %" PRId64, now), ch_printf(a, "webhook-signature: %s", signed_)},
        .body = webhook->body,
        .once = true,
        .timeout_ms = TIMEOUT_MS,
        .public_only = ch_conf_bool(CONF_PRODUCTION),
    };
    enum ch_err e = ch_http(a, &own, &req, &res);
    if (e == CH_OK)
        *answer = ch_webhook_answer(a, res.status);
    else if (e == CH_E_VENDOR)
        *answer = CH_NO_ANSWER(ch_strdup(a, own.detail));
    else
        *answer = (struct ch_answer){CH_REFUSED, "address", ch_strdup(a, own.detail), ""};
    return CH_OK;
}
