/* SPDX-License-Identifier: Apache-2.0
 * Routes that are one statement: the module's statement of the operation's name, given the path's variables and then the
 * body's fields. */
#include "core/web/private.h"

#include "core/web/input.h"

#include <string.h>

#define MOST 12 /* parameters */

/* "produce.ship" is produce_ship. */
static bool same_name(const char *op, const char *name)
{
    while (*op != '\0' && (*op == *name || (*op == '.' && *name == '_'))) {
        op++;
        name++;
    }
    return *op == *name;
}

static const struct ch_stmt *statement_of(const struct ch_module *m, const char *op)
{
    for (const struct ch_stmt *const *const *list = m->statements; list != NULL && *list != NULL; list++)
        for (const struct ch_stmt *const *s = *list; *s != NULL; s++)
            if (same_name(op, (*s)->name))
                return *s;
    return NULL;
}

static size_t count(const char *s, char c)
{
    size_t n = 0;

    for (; *s != '\0'; s++)
        n += *s == c;
    return n;
}

/* The project's is no parameter: hall.enter has it. */
static size_t first_var(const struct ch_route *row)
{
    return strncmp(row->path, "/{slug}/", 8) == 0 ? 1 : 0;
}

static bool plain(const struct ch_field *f)
{
    return f->kind == CH_FIELD_TEXT || ((f->kind == CH_FIELD_INT || f->kind == CH_FIELD_BOOL) && f->required);
}

const char *ch__statement_wrong(const struct ch_module *m, const struct ch_route *row)
{
    const struct ch_stmt *stmt = statement_of(m, row->op);
    size_t n = count(row->path, '{') - first_var(row) + (row->body != NULL ? row->body->n : 0);

    if (stmt == NULL)
        return "has no statement of its operation's name";
    for (size_t i = 0; row->body != NULL && i < row->body->n; i++)
        if (!plain(&row->body->fields[i]))
            return "has a body that is no row of parameters";
    if (n > MOST || n != stmt->n)
        return "does not have the parameters of its statement";
    return NULL;
}

static struct ch_param param_of(struct ch_req *r, const struct ch_field *f)
{
    const void *member = (const char *)r->in + f->offset;

    if (f->kind == CH_FIELD_INT)
        return ch_p_int(r->a, *(const int64_t *)member);
    return f->kind == CH_FIELD_BOOL ? ch_p_bool(*(const bool *)member) : ch_p_text(*(const char *const *)member);
}

enum ch_err ch_statement(struct ch_req *r)
{
    const struct ch_route *row = r->route;
    struct ch_param params[MOST];
    struct ch_rows rows;
    size_t n = 0, vars = count(row->path, '{');

    for (size_t i = first_var(row); i < vars; i++)
        params[n++] = ch_p_text(r->vars[i]);
    for (size_t i = 0; row->body != NULL && i < row->body->n; i++)
        params[n++] = param_of(r, &row->body->fields[i]);
    enum ch_err e = ch_run(r, ch_call_of(statement_of(r->module, row->op), params, n), &rows);
    if (e != CH_OK)
        return e;
    if (!ch_col_there(&rows, "out"))
        return ch_reply_empty(r);
    const char *out = rows.n == 1 ? ch_col(&rows, 0, "out") : NULL;
    return out != NULL ? ch_reply_json(r, 200, out) : ch_fail(r, CH_E_NOT_FOUND, "%d rows", rows.n);
}
