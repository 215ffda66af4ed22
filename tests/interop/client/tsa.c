/* SPDX-License-Identifier: Apache-2.0
 * The operation of the time stamp authority's client. */
#include "core/gateway/tsa/tsa.h"

#include "core/base/codec.h"
#include "tests/interop/client/client.h"

#include <string.h>

bool client_tsa_stamp(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *text = client_text(in, "text", "");
    struct ch_answer answer;
    struct ch_bytes response;

    if (ch_tsa_stamp(a, f, CH_BYTES(text, strlen(text)), &answer, &response) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "base64", ch_base64(a, response));
    return true;
}
