/* SPDX-License-Identifier: Apache-2.0
 * Bodies of type application/x-www-form-urlencoded. */
#include "core/gateway/formdata.h"

#include "core/base/codec.h"

#include <string.h>

const char *ch_formdata_field(struct ch_arena *a, struct ch_bytes body, const char *name)
{
    size_t len = strlen(name), at = 0;

    while (at < body.n) {
        const char *s = (const char *)body.p + at, *amp = memchr(s, '&', body.n - at);
        size_t n = amp != NULL ? (size_t)(amp - s) : body.n - at;
        if (n > len && memcmp(s, name, len) == 0 && s[len] == '=')
            return ch_unpercent(a, s + len + 1, n - len - 1, true);
        at += n + 1;
    }
    return NULL;
}

void ch_formdata_put(struct ch_buf *b, const char *name, const char *value)
{
    ch_buf_printf(b, "%s%s=%s", b->n > 0 ? "&" : "", name, ch_percent(b->a, value));
}
