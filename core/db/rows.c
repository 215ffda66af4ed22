/* SPDX-License-Identifier: Apache-2.0
 * Columns of answers. */
#include "core/db/db.h"

#include "core/base/log.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

/* The number of a column. Callers mostly read columns in their order, so the search begins behind the one found last. */
static int find_column(const struct ch_rows *r, const char *name)
{
    static _Thread_local int last;
    int n = PQnfields(r->result);

    for (int i = 1; i <= n; i++) {
        int c = (last + i) % n;
        if (strcmp(PQfname(r->result, c), name) == 0)
            return last = c;
    }
    ch_log(CH_ERROR, NULL, "no column %s in the answer", name);
    abort();
}

bool ch_col_there(const struct ch_rows *r, const char *name)
{
    return PQfnumber(r->result, name) >= 0;
}

const char *ch_col(const struct ch_rows *r, int row, const char *name)
{
    int c = find_column(r, name);
    return PQgetisnull(r->result, row, c) ? NULL : PQgetvalue(r->result, row, c);
}

const char *ch_col_text(const struct ch_rows *r, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    return s != NULL ? s : "";
}

int64_t ch_col_int(const struct ch_rows *r, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    return s == NULL ? 0 : strtoll(s, NULL, 10);
}

bool ch_col_bool(const struct ch_rows *r, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    return s != NULL && s[0] == 't';
}

struct ch_bytes ch_col_bytes(const struct ch_rows *r, struct ch_arena *a, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    size_t n;

    if (s == NULL)
        return CH_BYTES(NULL, 0);
    unsigned char *p = PQunescapeBytea((const unsigned char *)s, &n);
    if (p == NULL)
        abort();
    struct ch_bytes out = ch_bytes_dup(a, CH_BYTES(p, n));
    PQfreemem(p);
    return out;
}
