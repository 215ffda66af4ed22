/* SPDX-License-Identifier: Apache-2.0
 * The reader: yajl calls back for each element, and the callbacks build the tree. */
#include "core/json/json.h"

#include "core/base/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define MAX_MEMBERS 1000

struct reader {
    struct ch_arena *a;
    struct ch_json *root;
    struct ch_json *stack[CH_JSON_MAX_DEPTH];
    struct ch_json *last[CH_JSON_MAX_DEPTH]; /* last child of each open node */
    unsigned depth;
    const char *key; /* of the member whose value comes next */
    enum ch_json_error error;
    const char *bad_key;
};

/* Ends the parser with that error. */
static int refuse_input(struct reader *r, enum ch_json_error e)
{
    r->error = e;
    return 0;
}

/* Adds a node to the tree at the current position. */
static struct ch_json *add_node(struct reader *r, enum ch_json_kind kind)
{
    struct ch_json *node = CH_NEW(r->a, struct ch_json);

    node->kind = kind;
    node->key = r->key;
    r->key = NULL;
    if (r->depth == 0) {
        r->root = node;
        return node;
    }
    struct ch_json *parent = r->stack[r->depth - 1];
    if (parent->first == NULL)
        parent->first = node;
    else
        r->last[r->depth - 1]->next = node;
    r->last[r->depth - 1] = node;
    parent->count++;
    return node;
}

static int on_null(void *ctx)
{
    add_node(ctx, CH_JSON_NULL);
    return 1;
}

static int on_bool(void *ctx, int value)
{
    add_node(ctx, CH_JSON_BOOL)->truth = value != 0;
    return 1;
}

static int on_number(void *ctx, const char *s, size_t n)
{
    struct reader *r = ctx;
    add_node(r, CH_JSON_NUMBER)->text = ch_strndup(r->a, s, n);
    return 1;
}

static int on_string(void *ctx, const unsigned char *s, size_t n)
{
    struct reader *r = ctx;
    if (!ch_utf8((const char *)s, n, NULL))
        return refuse_input(r, CH_JSON_SYNTAX);
    add_node(r, CH_JSON_STRING)->text = ch_strndup(r->a, s, n);
    return 1;
}

static int open_node(struct reader *r, enum ch_json_kind kind)
{
    if (r->depth == CH_JSON_MAX_DEPTH)
        return refuse_input(r, CH_JSON_DEPTH);
    struct ch_json *node = add_node(r, kind);
    r->stack[r->depth] = node;
    r->last[r->depth] = NULL;
    r->depth++;
    return 1;
}

static int on_object(void *ctx)
{
    return open_node(ctx, CH_JSON_OBJECT);
}

static int on_array(void *ctx)
{
    return open_node(ctx, CH_JSON_ARRAY);
}

static int on_close(void *ctx)
{
    ((struct reader *)ctx)->depth--;
    return 1;
}

static int on_key(void *ctx, const unsigned char *s, size_t n)
{
    struct reader *r = ctx;

    if (!ch_utf8((const char *)s, n, NULL))
        return refuse_input(r, CH_JSON_SYNTAX);
    if (r->stack[r->depth - 1]->count >= MAX_MEMBERS) /* limits the comparisons of each key with those before it */
        return refuse_input(r, CH_JSON_SYNTAX);
    r->key = ch_strndup(r->a, s, n);
    if (ch_json_get(r->stack[r->depth - 1], r->key) != NULL) {
        r->bad_key = r->key;
        return refuse_input(r, CH_JSON_DUPLICATE);
    }
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_array,
    .yajl_end_array = on_close,
};

enum ch_json_error ch_json_parse(struct ch_arena *a, struct ch_bytes text, struct ch_json **out, const char **bad_key)
{
    struct reader r = {.a = a};
    yajl_handle h = yajl_alloc(&callbacks, NULL, &r);

    if (h == NULL)
        abort();
    /* yajl accepts an unterminated string behind the root; one more byte makes it report that. */
    bool ok = yajl_parse(h, text.p, text.n) == yajl_status_ok &&
              yajl_parse(h, (const unsigned char *)"\n", 1) == yajl_status_ok && yajl_complete_parse(h) == yajl_status_ok;
    yajl_free(h);
    if (bad_key != NULL)
        *bad_key = r.bad_key;
    if (!ok || r.root == NULL || r.depth != 0)
        return r.error != CH_JSON_OK ? r.error : CH_JSON_SYNTAX;
    *out = r.root;
    return CH_JSON_OK;
}

const struct ch_json *ch_json_get(const struct ch_json *obj, const char *key)
{
    if (obj == NULL || obj->kind != CH_JSON_OBJECT)
        return NULL;
    for (const struct ch_json *m = obj->first; m != NULL; m = m->next)
        if (strcmp(m->key, key) == 0)
            return m;
    return NULL;
}

const struct ch_json *ch_json_first(const struct ch_json *obj, const char *key)
{
    const struct ch_json *m = ch_json_get(obj, key);
    return m != NULL ? m->first : NULL;
}

const char *ch_json_text(const struct ch_json *obj, const char *key)
{
    const struct ch_json *m = ch_json_get(obj, key);
    return m != NULL && m->kind == CH_JSON_STRING ? m->text : NULL;
}

bool ch_json_node_int(const struct ch_json *node, int64_t *out)
{
    if (node == NULL || node->kind != CH_JSON_NUMBER || strpbrk(node->text, ".eE") != NULL)
        return false;
    errno = 0;
    *out = strtoll(node->text, NULL, 10);
    return errno == 0;
}

bool ch_json_int(const struct ch_json *obj, const char *key, int64_t *out)
{
    return ch_json_node_int(ch_json_get(obj, key), out);
}
