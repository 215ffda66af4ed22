/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the credential of a request, out of its Cookie header, Authorization header and CSRF header. Whatever is
 * taken for a token is 32 bytes in base64. */
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/web/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum ch_err never(struct ch_req *r)
{
    (void)r;
    return CH_OK;
}

static const struct ch_route routes[] = {
    {"GET", "/", CH_PUBLIC, NULL, 0, CH_TX_NONE, "fuzz.public", never},
    {"POST", "/", CH_APPLICANT, NULL, 1, CH_TX_SINGLE, "fuzz.applicant", never},
    {"POST", "/", CH_PHONE, NULL, 1, CH_TX_SINGLE, "fuzz.phone", never},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    const char *text = ch_strndup(a, data, size);
    const char *params[] = {
        ch_printf(a, "HTTP_COOKIE=%s", text),
        ch_printf(a, "HTTP_AUTHORIZATION=%s", text),
        ch_printf(a, "HTTP_X_CSRF_TOKEN=%s", text),
        NULL,
    };

    if (!ch_config_parse(""))
        abort();
    for (size_t i = 0; i < CH_COUNT(routes); i++) {
        struct ch_req r = {.a = a, .params = params, .route = &routes[i]};
        struct ch_bytes raw;
        enum ch_err e = ch__credential(&r);
        if (r.token != NULL && (!ch_unbase64(a, r.token, &raw) || raw.n != 32))
            abort();
        if (i == 1 && e == CH_OK)
            abort(); /* nobody guesses the CSRF token that belongs to a cookie */
    }
    ch_arena_free(a);
    return 0;
}
