/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/protocol.h"

#include "core/base/random.h"

#include <string.h>

#define UUID_TEXT 36

static bool read_order_id(struct ch_bytes payload, struct request *out)
{
    if (payload.n != UUID_TEXT)
        return false;
    memcpy(out->order_id, payload.p, UUID_TEXT);
    out->order_id[UUID_TEXT] = '\0';
    return ch_is_uuid(out->order_id);
}

static bool read_body(struct ch_bytes body, struct request *out)
{
    struct ch_bytes payload = CH_BYTES(body.p + 1, body.n - 1);

    out->op = body.p[0];
    out->order_id[0] = '\0';
    switch (out->op) {
    case CH_CA_PIN:
    case CH_CA_ISSUE:
        return read_order_id(payload, out);
    case CH_CA_PING:
        return payload.n == 0;
    }
    return false;
}

enum request_state request_parse(struct ch_bytes in, struct request *out)
{
    if (in.n < CH_CA_HEAD)
        return REQUEST_MORE;
    uint32_t n = (uint32_t)in.p[0] << 24 | (uint32_t)in.p[1] << 16 | (uint32_t)in.p[2] << 8 | in.p[3];
    if (n == 0 || n > CH_CA_MAX || in.n - CH_CA_HEAD > n) /* a second request is not awaited */
        return REQUEST_BAD;
    if (in.n - CH_CA_HEAD < n)
        return REQUEST_MORE;
    return read_body(CH_BYTES(in.p + CH_CA_HEAD, n), out) ? REQUEST_READY : REQUEST_BAD;
}

size_t reply_write(unsigned char out[REPLY_MAX], enum ch_ca_status status, const char *text)
{
    size_t n = 1;

    out[CH_CA_HEAD] = (unsigned char)status;
    for (; *text >= ' ' && *text <= '~' && n < CH_CA_MAX; text++)
        out[CH_CA_HEAD + n++] = (unsigned char)*text;
    out[0] = out[1] = 0;
    out[2] = (unsigned char)(n >> 8);
    out[3] = (unsigned char)n;
    return CH_CA_HEAD + n;
}
