/* SPDX-License-Identifier: Apache-2.0
 * Joins and checks the tables of routes at the start, and finds the route of a request. */
#include "core/web/private.h"

#include "core/base/codec.h"
#include "core/base/random.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum ch_role role;
    const char *word, *audience;
} roles[] = {
#define CH_ROLE(sym, bit, word, audience) {sym, word, audience},
#include "core/web/roles.tbl"
#undef CH_ROLE
};

/* Whether the path matches the pattern; the values of its {names} go to vars in their order. */
static bool match_path(struct ch_req *r, const char *pattern, const char *path, const char *vars[4])
{
    size_t n = 0;

    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (len == 0 || n == 4 || !ch_utf8(path, len, NULL))
            return false;
        vars[n++] = ch_strndup(r->a, path, len); /* already decoded by nginx */
        path += len;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

const struct ch_route *ch__match(struct ch_req *r, const char *method, const char *path, const char **allow)
{
    *allow = NULL;
    for (const struct ch_route *row = r->module->served; row->method != NULL; row++) {
        const char *vars[4] = {NULL};
        if (!match_path(r, row->path, path, vars))
            continue;
        if (strcmp(row->method, method) != 0) {
            *allow = *allow == NULL ? row->method : ch_printf(r->a, "%s, %s", *allow, row->method);
            continue;
        }
        memcpy(r->vars, vars, sizeof vars);
        return row;
    }
    return NULL;
}

const char *ch_var(const struct ch_req *r, const char *name)
{
    size_t n = 0;

    for (const char *p = strchr(r->route->path, '{'); p != NULL; p = strchr(p + 1, '{'), n++) {
        size_t len = strcspn(p + 1, ":}");
        if (strlen(name) == len && memcmp(p + 1, name, len) == 0)
            return r->vars[n];
    }
    return NULL;
}

enum ch_err ch__vars_fit(struct ch_req *r)
{
    size_t n = 0;

    for (const char *p = strchr(r->route->path, '{'); p != NULL; p = strchr(p + 1, '{'), n++) {
        const char *type = p + strcspn(p, ":}");
        if (*type == ':' && !ch_is_uuid(r->vars[n]))
            return ch_fail(r, CH_E_NOT_FOUND, "variable %zu of the path is no id", n + 1);
    }
    return CH_OK;
}

/* Replaces {module} in a path or an operation by the module's name. */
static const char *with_module_name(struct ch_arena *a, const char *text, const char *name)
{
    static const char word[] = "{module}";
    const char *at = text != NULL ? strstr(text, word) : NULL; /* ch_routes_check reports what is missing */

    return at != NULL ? ch_printf(a, "%.*s%s%s", (int)(at - text), text, name, at + strlen(word)) : text;
}

static bool same_op(const struct ch_route *row, const struct ch_route *other)
{
    return row->op != NULL && other->op != NULL && strcmp(row->op, other->op) == 0;
}

static bool has_op(const struct ch_route *rows, size_t n, const struct ch_route *row)
{
    for (size_t i = 0; i < n; i++)
        if (same_op(&rows[i], row))
            return true;
    return false;
}

void ch_routes_join(struct ch_arena *a, struct ch_module *m)
{
    size_t most = 1, n = 0;

    for (const struct ch_route *const *table = m->routes; table != NULL && *table != NULL; table++)
        for (const struct ch_route *row = *table; row->method != NULL; row++)
            most++;
    struct ch_route *all = ch_alloc_array(a, most, sizeof *all);
    for (const struct ch_route *const *table = m->routes; table != NULL && *table != NULL; table++) {
        size_t before = n; /* an operation that is twice in one table is a mistake, which ch_routes_check reports */
        for (const struct ch_route *row = *table; row->method != NULL; row++) {
            struct ch_route own = *row;
            own.path = with_module_name(a, row->path, m->name);
            own.op = with_module_name(a, row->op, m->name);
            if (!has_op(all, before, &own))
                all[n++] = own;
        }
    }
    m->served = all;
}

/* Prints a mistake; always false. */
static bool report_mistake(const struct ch_route *row, const char *what)
{
    fprintf(stderr, "route %s %s: %s\n", row->method, row->path, what);
    return false;
}

/* Whether all types of variables are known: uuid is the only one. */
static bool has_known_types(const char *path)
{
    for (const char *p = strchr(path, ':'); p != NULL; p = strchr(p + 1, ':'))
        if (strncmp(p, ":uuid}", 6) != 0)
            return false;
    return true;
}

static bool check_route(const struct ch_module *m, const struct ch_route *row)
{
    bool writes = strcmp(row->method, "POST") == 0 || strcmp(row->method, "PUT") == 0;

    if (row->roles == 0)
        return report_mistake(row, "names no role");
    if (row->handle == NULL || row->op == NULL || row->tx == CH_TX_UNSET)
        return report_mistake(row, "lacks handler, operation or transaction kind");
    if (row->tx == CH_TX_NONE && (row->roles & ~(unsigned)(CH_PUBLIC | CH_VENDOR)) != 0)
        return report_mistake(row, "has a session to check but no transaction");
    if (row->body != NULL && row->cap == 0)
        return report_mistake(row, "has a body without a cap");
    if (!writes && row->cap > 0)
        return report_mistake(row, "takes a body by its table, but not by its method");
    if (!has_known_types(row->path))
        return report_mistake(row, "has a variable of an unknown type");
    if (*ch__audience(row->roles) != '\0' && (m->keys & CH_KEYS_SESSION) == 0)
        return report_mistake(row, "has sessions, but its module does not read their key");
    if (row->handle == ch_statement && ch__statement_wrong(m, row) != NULL)
        return report_mistake(row, ch__statement_wrong(m, row));
    return true;
}

bool ch_routes_check(const struct ch_module *m)
{
    bool ok = true;

    for (const struct ch_route *row = m->served; row->method != NULL; row++) {
        ok = check_route(m, row) && ok;
        for (const struct ch_route *other = m->served; other < row; other++) {
            if (strcmp(other->method, row->method) == 0 && strcmp(other->path, row->path) == 0)
                ok = report_mistake(row, "stands twice");
            if (same_op(other, row))
                ok = report_mistake(row, "shares its operation name");
        }
    }
    return ok;
}

/* One line with tabs for each route, for the generated tests and the checks against the documents. */
static void print_route(const struct ch_module *m, const struct ch_route *row)
{
    static const char *const kinds[] = {"", "none", "single", "each", "several"};

    printf("%s\t%s\t", m->name, row->method);
    for (const char *p = row->path; *p != '\0'; p += *p == ':' ? strlen(":uuid") : 1)
        if (*p != ':')
            putchar(*p);
    printf("\t%s\t", row->op);
    const char *sep = "";
    for (size_t i = 0; i < CH_COUNT(roles); i++)
        if (row->roles & roles[i].role) {
            printf("%s%s", sep, roles[i].word);
            sep = ",";
        }
    printf("\t%s\t%zu\t%s\n", row->body != NULL ? "json" : row->cap > 0 ? "raw" : "-", row->cap, kinds[row->tx]);
}

int ch__print_routes(const struct ch_module *m)
{
    for (const struct ch_route *row = m->served; row->method != NULL; row++)
        print_route(m, row);
    return ch_routes_check(m) ? 0 : 1;
}

const char *ch__audience(unsigned mask)
{
    for (size_t i = 0; i < CH_COUNT(roles); i++)
        if ((mask & roles[i].role) && roles[i].audience[0] != '\0')
            return roles[i].audience;
    return "";
}

const char *ch__roles_array(struct ch_arena *a, unsigned mask)
{
    const char *out = "";
    for (size_t i = 0; i < CH_COUNT(roles); i++)
        if (mask & roles[i].role)
            out = ch_printf(a, "%s%s%s", out, *out != '\0' ? "," : "", roles[i].word);
    return ch_printf(a, "{%s}", out);
}
