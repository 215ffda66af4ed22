/* SPDX-License-Identifier: Apache-2.0
 * The parameters and the query of a request, and statements in its transaction. */
#include "core/web/private.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "caller_sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *ch_fcgi(const struct ch_req *r, const char *name)
{
    size_t len = strlen(name);

    for (const char *const *p = r->params; p != NULL && *p != NULL; p++)
        if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
            return *p + len + 1;
    return "";
}

/* The place of a name among those that were looked for, or the first free one; CH_QUERY_MOST when there is neither. */
static size_t place_of(const struct ch_req *r, const char *name, size_t len)
{
    size_t n = 0;

    while (n < CH_QUERY_MOST && r->looked[n] != NULL && (strncmp(r->looked[n], name, len) != 0 || r->looked[n][len] != '\0'))
        n++;
    return n;
}

enum ch_err ch__query_known(struct ch_req *r)
{
    const char *s = ch_fcgi(r, "QUERY_STRING");

    for (size_t n; *s != '\0'; s += n + (s[n] == '&')) {
        n = strcspn(s, "&");
        size_t len = strcspn(s, "=&"), at = place_of(r, s, len);
        bool version = len == 1 && *s == 'v'; /* which makes the address of a picture new */
        if (len > 0 && !version && (at == CH_QUERY_MOST || r->looked[at] == NULL))
            return ch_refuse(&r->fault, CH_E_INVALID, ch_printf(r->a, "/%.*s", (int)(len < 40 ? len : 40), s),
                             "查询条件中有不认识的参数。");
    }
    return CH_OK;
}

const char *ch_query(struct ch_req *r, const char *name)
{
    const char *s = ch_fcgi(r, "QUERY_STRING");
    size_t len = strlen(name), at = place_of(r, name, len);

    if (at < CH_QUERY_MOST)
        r->looked[at] = name;

    while (*s != '\0') {
        size_t n = strcspn(s, "&");
        if (n > len && strncmp(s, name, len) == 0 && s[len] == '=') {
            char *v = ch_unpercent(r->a, s + len + 1, n - len - 1, true);
            return v != NULL && ch_utf8(v, strlen(v), NULL) ? v : NULL;
        }
        s += n + (s[n] == '&');
    }
    return NULL;
}

int64_t ch_query_int(struct ch_req *r, const char *name, int64_t def, int64_t lo, int64_t hi)
{
    const char *s = ch_query(r, name);
    char *end;

    if (s == NULL || *s == '\0')
        return def;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    return errno != 0 || *end != '\0' || v < lo || v > hi ? def : v;
}

struct ch_param ch_query_filter(struct ch_req *r, const char *name)
{
    const char *s = ch_query(r, name);
    return ch_p_text(s != NULL && *s != '\0' ? s : NULL);
}

/* hall.enter identifies the caller, checks the roles and the project, and sets the session variables that statements and
 * triggers use. */
struct ch_call ch__enter_call(struct ch_req *r)
{
    struct ch_param *p = ch_alloc_array(r->a, 6, sizeof *p);
    bool known = r->token != NULL;

    p[0] = ch_p_bytes(known ? ch_sha256_of(r->a, CH_BYTES(r->token, strlen(r->token))) : CH_BYTES(NULL, 0));
    p[1] = ch_p_text(ch__roles_array(r->a, r->route->roles));
    p[2] = ch_p_text(r->slug);
    p[3] = ch_p_text(r->route->op);
    p[4] = ch_p_text(ch_fcgi(r, "REMOTE_ADDR"));
    p[5] = ch_p_text(r->id);
    return ch_call_of(&caller_enter, p, 6);
}

void ch__entered(struct ch_req *r, const struct ch_rows *rows)
{
    r->entered = true;
    r->who = ch_col(rows, 0, "who");
}

enum ch_err ch__borrow_and_run(struct ch_req *r, struct ch_fault *f, const struct ch_call *calls, size_t n,
                               struct ch_rows *rows)
{
    struct ch_db *db = ch__pool_take();
    enum ch_err e = ch_db_run(db, r->a, f, calls, n, rows);
    ch__pool_give(db);
    return e;
}

static enum ch_err run_with_enter(struct ch_req *r, const struct ch_call *calls, size_t n, struct ch_rows *rows)
{
    struct ch_call all[CH_RUN_MOST + 1];
    struct ch_rows answers[CH_RUN_MOST + 1];

    all[0] = ch__enter_call(r);
    memcpy(all + 1, calls, n * sizeof *calls);
    r->entered = true; /* set in advance: a session that is refused must not be checked a second time */
    enum ch_err e = ch__borrow_and_run(r, &r->fault, all, n + 1, answers);
    if (e != CH_OK)
        return e;
    ch__entered(r, &answers[0]);
    memcpy(rows, answers + 1, n * sizeof *rows);
    return CH_OK;
}

enum ch_err ch_run_all(struct ch_req *r, const struct ch_call *calls, size_t n, struct ch_rows *rows)
{
    if (n > CH_RUN_MOST || r->route->tx == CH_TX_NONE)
        abort(); /* a CH_TX_NONE route has no statements */
    if (r->route->tx == CH_TX_SEVERAL)
        return ch_db_run(r->db, r->a, &r->fault, calls, n, rows);
    if (r->module->sandbox_db)
        return ch__borrow_and_run(r, &r->fault, calls, n, rows);
    if (r->entered && r->route->tx == CH_TX_SINGLE)
        abort(); /* a CH_TX_SINGLE route has one round trip */
    return run_with_enter(r, calls, n, rows);
}

enum ch_err ch_run(struct ch_req *r, struct ch_call call, struct ch_rows *rows)
{
    struct ch_rows ignored;
    return ch_run_all(r, &call, 1, rows != NULL ? rows : &ignored);
}

enum ch_err ch_need_row(struct ch_req *r, const struct ch_rows *rows)
{
    return rows->n > 0 ? CH_OK : ch_fail(r, CH_E_NOT_FOUND, "no row");
}

enum ch_err ch_run_row(struct ch_req *r, struct ch_call call, struct ch_rows *rows)
{
    enum ch_err e = ch_run(r, call, rows);
    return e == CH_OK ? ch_need_row(r, rows) : e;
}

enum ch_err ch_col_out(struct ch_req *r, const struct ch_rows *rows, const char **out)
{
    *out = rows->n == 1 ? ch_col(rows, 0, "out") : NULL;
    return *out != NULL ? CH_OK : ch_fail(r, CH_E_NOT_FOUND, "%d rows", rows->n);
}

enum ch_err ch_col_json(struct ch_req *r, const struct ch_rows *rows, int row, const char *name, struct ch_json **out)
{
    if (row >= rows->n)
        return ch_fail(r, CH_E_NOT_FOUND, "no row");
    const char *text = ch_col_text(rows, row, name);
    return ch_json_parse(r->a, CH_BYTES(text, strlen(text)), out, NULL) == CH_JSON_OK
               ? CH_OK
               : ch_fail(r, CH_E_INTERNAL, "%s is no JSON", name);
}

enum ch_err ch_peek(struct ch_req *r, struct ch_call call, struct ch_rows *rows)
{
    if (r->db != NULL) /* a thread that has a connection must not wait for another: several such threads would deadlock */
        return ch_db_run(r->db, r->a, &r->fault, &call, 1, rows);
    return ch__borrow_and_run(r, &r->fault, &call, 1, rows);
}

enum ch_err ch_run_text(struct ch_req *r, struct ch_call call, const char **out)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, call, &rows);

    if (e == CH_OK)
        e = ch_col_out(r, &rows, out);
    if (e == CH_OK)
        *out = ch_strdup(r->a, *out);
    return e;
}

enum ch_err ch_run_json(struct ch_req *r, struct ch_call call, struct ch_json **out)
{
    struct ch_rows rows;
    const char *text;
    enum ch_err e = ch_run(r, call, &rows);

    if (e == CH_OK)
        e = ch_col_out(r, &rows, &text);
    return e == CH_OK ? ch_col_json(r, &rows, 0, "out", out) : e;
}

enum ch_err ch_decrypt_text(struct ch_req *r, const char *place, const char *row, struct ch_bytes encrypted, const char **out)
{
    struct ch_bytes plain = {NULL, 0};

    if (encrypted.n > 0 && !ch_decrypt(ch_ring(), r->a, place, row, encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "%s of %s does not open", place, row);
    *out = (const char *)plain.p;
    return CH_OK;
}
