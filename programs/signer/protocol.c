/* SPDX-License-Identifier: Apache-2.0
 * Parsing the signer's requests and writing its replies. */
#include "programs/signer/protocol.h"

#include <string.h>

static bool read_body(struct ch_bytes body, struct request *out)
{
    struct ch_bytes payload = CH_BYTES(body.p + 1, body.n - 1);
    const struct ch_ca_row *row = ch_ca_row(body.p[0]);

    if (row == NULL || !ch_ca_payload_ok(row->payload, (const char *)payload.p, payload.n))
        return false;
    out->op = body.p[0];
    memcpy(out->subject, payload.p, payload.n);
    out->subject[payload.n] = '\0';
    return true;
}

enum request_state request_parse(struct ch_bytes in, struct request *out)
{
    if (in.n < CH_CA_HEAD)
        return REQUEST_MORE;
    uint32_t n = (uint32_t)in.p[0] << 24 | (uint32_t)in.p[1] << 16 | (uint32_t)in.p[2] << 8 | in.p[3];
    if (n == 0 || n > CH_CA_MAX || in.n - CH_CA_HEAD > n) /* a second request on one connection is not allowed */
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
