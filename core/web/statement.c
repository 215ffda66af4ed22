/* SPDX-License-Identifier: Apache-2.0
 * Routes that only run one statement: the module's statement with the name of the operation. Its parameters are the variables
 * of the path, followed by the fields of the body. */
#include "core/web/private.h"

#include "core/web/input.h"

#include <string.h>

#define PARAMS_MAX 12

/* Whether a statement has the name of the operation: produce_ship for "produce.ship". */
static bool is_name_of(const char *op, const char *name)
{
    while (*op != '\0' && (*op == *name || (*op == '.' && *name == '_'))) {
        op++;
        name++;
    }
    return *op == *name;
}

static const struct ch_stmt *find_statement(const struct ch_module *m, const char *op)
{
    for (const struct ch_stmt *const *const *list = m->statements; list != NULL && *list != NULL; list++)
        for (const struct ch_stmt *const *s = *list; *s != NULL; s++)
            if (is_name_of(op, (*s)->name))
                return *s;
    return NULL;
}

static size_t count_char(const char *s, char c)
{
    size_t n = 0;

    for (; *s != '\0'; s++)
        n += *s == c;
    return n;
}

/* The first variable that is a parameter: the project is not, as hall.enter has it. */
static size_t first_var(const struct ch_route *row)
{
    return strncmp(row->path, "/{slug}/", 8) == 0 ? 1 : 0;
}

/* Whether a field of the body can be a parameter. */
static bool is_parameter(const struct ch_field *f)
{
    return f->kind == CH_FIELD_TEXT || ((f->kind == CH_FIELD_INT || f->kind == CH_FIELD_BOOL) && f->required);
}

const char *ch__statement_wrong(const struct ch_module *m, const struct ch_route *row)
{
    const struct ch_stmt *stmt = find_statement(m, row->op);
    size_t n = count_char(row->path, '{') - first_var(row) + (row->body != NULL ? row->body->n : 0);

    if (stmt == NULL)
        return "has no statement of its operation's name";
    for (size_t i = 0; row->body != NULL && i < row->body->n; i++)
        if (!is_parameter(&row->body->fields[i]))
            return "has a body that is no row of parameters";
    if (n > PARAMS_MAX || n != stmt->n)
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
    struct ch_param params[PARAMS_MAX];
    struct ch_rows rows;
    size_t n = 0, vars = count_char(row->path, '{');

    for (size_t i = first_var(row); i < vars; i++)
        params[n++] = ch_p_text(r->vars[i]);
    for (size_t i = 0; row->body != NULL && i < row->body->n; i++)
        params[n++] = param_of(r, &row->body->fields[i]);
    enum ch_err e = ch_run(r, ch_call_of(find_statement(r->module, row->op), params, n), &rows);
    if (e != CH_OK)
        return e;
    return ch_col_there(&rows, "out") ? ch_reply_out(r, 200, &rows) : ch_reply_empty(r);
}
