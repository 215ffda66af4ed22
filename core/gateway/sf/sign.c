/* SPDX-License-Identifier: Apache-2.0
 * The digest of a message to SF Express. */
#include "core/gateway/sf/sign.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"

#include <string.h>

enum ch_sf_digest ch_sf_digest_of(const char *word)
{
    static const struct {
        const char *word;
        enum ch_sf_digest how;
    } words[] = {{"standard_md5", CH_SF_STANDARD_MD5}, {"simple_md5", CH_SF_SIMPLE_MD5}, {"sm3", CH_SF_SM3}};

    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].how;
    return CH_SF_NONE;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '*' || c == '-' ||
           c == '.' || c == '_';
}

char *ch_sf_urlencode(struct ch_arena *a, struct ch_bytes text)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (size_t i = 0; i < text.n; i++) {
        if (is_unreserved(text.p[i]))
            ch_buf_putc(&b, (char)text.p[i]);
        else if (text.p[i] == ' ')
            ch_buf_putc(&b, '+');
        else
            ch_buf_printf(&b, "%%%02X", text.p[i]);
    }
    return b.p;
}

char *ch_sf_sign(struct ch_arena *a, enum ch_sf_digest how, struct ch_bytes msg_data, const char *timestamp,
                 const char *checkword)
{
    unsigned char sm3[CH_SM3_BYTES], md5[CH_MD5_BYTES];
    struct ch_buf text;

    ch_buf_init(&text, a);
    ch_buf_add(&text, msg_data.p, msg_data.n);
    ch_buf_puts(&text, timestamp);
    ch_buf_puts(&text, checkword);
    if (how == CH_SF_SM3) {
        ch_sm3(ch_buf_bytes(&text), sm3);
        return ch_hex(a, CH_BYTES(sm3, sizeof sm3));
    }
    struct ch_bytes in = ch_buf_bytes(&text);
    if (how == CH_SF_STANDARD_MD5) {
        const char *encoded = ch_sf_urlencode(a, in);
        in = CH_BYTES(encoded, strlen(encoded));
    }
    ch_legacy_md5(in, md5);
    return ch_base64(a, CH_BYTES(md5, sizeof md5));
}
