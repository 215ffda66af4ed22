/* SPDX-License-Identifier: Apache-2.0
 * Parameters of statements. */
#include "core/db/db.h"

#include "core/base/buf.h"

#include <inttypes.h>
#include <string.h>

struct ch_param ch_p_null(void)
{
    return (struct ch_param){CH_PARAM_NULL, {NULL, 0}};
}

struct ch_param ch_p_text(const char *s)
{
    return s == NULL ? ch_p_null() : (struct ch_param){CH_PARAM_TEXT, CH_BYTES(s, strlen(s))};
}

struct ch_param ch_p_array(struct ch_arena *a, const char *const *texts, size_t n)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, "{");
    for (size_t i = 0; i < n; i++)
        ch_buf_printf(&b, "%s%s", i > 0 ? "," : "", texts[i]);
    ch_buf_puts(&b, "}");
    return ch_p_text(b.p);
}

struct ch_param ch_p_bytes(struct ch_bytes b)
{
    return b.p == NULL ? ch_p_null() : (struct ch_param){CH_PARAM_BYTES, b};
}

struct ch_param ch_p_int(struct ch_arena *a, int64_t v)
{
    return ch_p_text(ch_printf(a, "%" PRId64, v));
}

struct ch_param ch_p_bool(bool v)
{
    return ch_p_text(v ? "t" : "f");
}
