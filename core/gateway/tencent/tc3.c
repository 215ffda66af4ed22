/* SPDX-License-Identifier: Apache-2.0
 * The signature method TC3-HMAC-SHA256 of Tencent Cloud. */
#include "core/gateway/tencent/tc3.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <string.h>

#define ALGORITHM "TC3-HMAC-SHA256"

static void put_canonical_value(struct ch_buf *b, const char *v)
{
    size_t n;

    v += strspn(v, " \t");
    for (n = strlen(v); n > 0 && (v[n - 1] == ' ' || v[n - 1] == '\t');)
        n--;
    for (size_t i = 0; i < n; i++)
        ch_buf_putc(b, (char)tolower((unsigned char)v[i]));
}

static char *signed_names(struct ch_arena *a, const struct ch_tc3 *t)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (const struct ch_tc3_header *h = t->headers; h < t->headers + CH_TC3_MAX_HEADERS && h->name != NULL; h++)
        ch_buf_printf(&b, "%s%s", b.n > 0 ? ";" : "", h->name);
    return b.p;
}

char *ch_tc3_canonical_request(struct ch_arena *a, const struct ch_tc3 *t)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, "POST\n/\n\n");
    for (const struct ch_tc3_header *h = t->headers; h < t->headers + CH_TC3_MAX_HEADERS && h->name != NULL; h++) {
        ch_buf_printf(&b, "%s:", h->name);
        put_canonical_value(&b, h->value);
        ch_buf_putc(&b, '\n');
    }
    ch_buf_printf(&b, "\n%s\n%s", signed_names(a, t), ch_sha256_hex(a, t->payload));
    return b.p;
}

/* The date in the credential scope is that of UTC in every region. */
static char *utc_date(struct ch_arena *a, const struct ch_tc3 *t)
{
    return ch_utc(a, t->timestamp, "%Y-%m-%d");
}

char *ch_tc3_string_to_sign(struct ch_arena *a, const struct ch_tc3 *t)
{
    const char *canonical = ch_tc3_canonical_request(a, t);

    return ch_printf(a, ALGORITHM "\n%lld\n%s/%s/tc3_request\n%s", (long long)t->timestamp, utc_date(a, t), t->service,
                     ch_sha256_hex(a, CH_BYTES(canonical, strlen(canonical))));
}

char *ch_tc3_signature(struct ch_arena *a, const struct ch_tc3 *t)
{
    const char *parts[] = {utc_date(a, t), t->service, "tc3_request", ch_tc3_string_to_sign(a, t)};
    size_t n = strlen(t->secret_key) + 3;
    char *first = ch_alloc_secret(a, n + 1);
    unsigned char key[CH_SHA256_BYTES];
    struct ch_bytes k = CH_BYTES(first, n);

    memcpy(first, "TC3", 3); /* NOLINT(bugprone-not-null-terminated-result): bytes, whose number goes along */
    memcpy(first + 3, t->secret_key, n - 3);
    for (size_t i = 0; i < CH_COUNT(parts); i++) {
        unsigned char out[CH_SHA256_BYTES];
        ch_hmac_sha256(k, CH_BYTES(parts[i], strlen(parts[i])), out);
        memcpy(key, out, sizeof key);
        k = CH_BYTES(key, sizeof key);
    }
    char *hex = ch_hex(a, k);
    OPENSSL_cleanse(key, sizeof key);
    return hex;
}

char *ch_tc3_authorization(struct ch_arena *a, const struct ch_tc3 *t)
{
    return ch_printf(a, ALGORITHM " Credential=%s/%s/%s/tc3_request, SignedHeaders=%s, Signature=%s", t->secret_id,
                     utc_date(a, t), t->service, signed_names(a, t), ch_tc3_signature(a, t));
}

/* Takes the text between `name` and one of the characters `stop`, and moves *s behind the text; NULL when *s does not begin with
 * `name`. */
static char *take_piece(struct ch_arena *a, const char **s, const char *name, const char *stop)
{
    size_t len = strlen(name);

    if (strncmp(*s, name, len) != 0)
        return NULL;
    size_t n = strcspn(*s + len, stop);
    char *out = ch_strndup(a, *s + len, n);
    *s += len + n;
    return out;
}

bool ch_tc3_read_authorization(struct ch_arena *a, const char *value, struct ch_tc3_credential *out)
{
    const char *s = value;

    *out = (struct ch_tc3_credential){0};
    if (take_piece(a, &s, ALGORITHM, " ") == NULL)
        return false;
    s += strspn(s, " ");
    out->secret_id = take_piece(a, &s, "Credential=", "/");
    out->date = take_piece(a, &s, "/", "/");
    out->service = take_piece(a, &s, "/", "/");
    if (take_piece(a, &s, "/tc3_request", ", ") == NULL)
        return false;
    s += strspn(s, ", ");
    out->signed_headers = take_piece(a, &s, "SignedHeaders=", ", ");
    s += strspn(s, ", ");
    out->signature = take_piece(a, &s, "Signature=", ", ");
    return *s == '\0' && out->secret_id != NULL && out->date != NULL && out->service != NULL &&
           out->signed_headers != NULL && out->signature != NULL;
}
