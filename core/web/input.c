/* SPDX-License-Identifier: Apache-2.0
 * Reads bodies by their tables. */
#include "core/web/input.h"

#include "core/base/codec.h"
#include "core/base/text.h"

#include <string.h>

static bool read_object(struct ch_req *r, const struct ch_input *spec, const char *path, const struct ch_json *obj,
                        void *out);

static const struct ch_field *find_field(const struct ch_input *spec, const char *name)
{
    for (size_t i = 0; i < spec->n; i++)
        if (strcmp(spec->fields[i].name, name) == 0)
            return &spec->fields[i];
    return NULL;
}

/* A name as a step of a JSON pointer, with ~ and / escaped as ~0 and ~1 (RFC 6901). */
static const char *pointer_step(struct ch_arena *a, const char *name)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/')
            ch_buf_puts(&b, *name == '~' ? "~0" : "~1");
        else
            ch_buf_putc(&b, *name);
    }
    return b.p;
}

static void note_wrong(struct ch_req *r, const char *path, const char *name, const char *code, const char *detail)
{
    ch_wrong(r, ch_printf(r->a, "%s/%s", path, pointer_step(r->a, name)), code, detail);
}

/* Brings all strings of the body into normalization form C, so that equal names are equal bytes. */
static void normalize_texts(struct ch_arena *a, struct ch_json *node)
{
    if (node->kind == CH_JSON_STRING)
        node->text = ch_text_nfc(a, node->text);
    for (struct ch_json *m = node->first; m != NULL; m = m->next)
        normalize_texts(a, m);
}

/* Notes a character that no text may have; `pointer` names the text. */
static bool has_good_characters(struct ch_req *r, const char *pointer, const char *text)
{
    const char *sentence = ch_text_fault(r->a, text);

    if (sentence != NULL)
        ch_wrong(r, pointer, "character", sentence);
    return sentence == NULL;
}

/* Checks the characters of all strings below a member that is taken as it is. */
static bool check_object(struct ch_req *r, const char *pointer, const struct ch_json *node)
{
    bool ok = node->kind != CH_JSON_STRING || has_good_characters(r, pointer, node->text);
    size_t i = 0;

    for (const struct ch_json *m = node->first; m != NULL; m = m->next, i++) {
        const char *step = m->key != NULL ? pointer_step(r->a, m->key) : ch_printf(r->a, "%zu", i);
        ok = check_object(r, ch_printf(r->a, "%s/%s", pointer, step), m) && ok;
    }
    return ok;
}

static bool read_text(struct ch_req *r, const struct ch_field *f, const char *path, const struct ch_json *node,
                      const char **out)
{
    size_t points = 0;

    if (node->kind != CH_JSON_STRING || !ch_utf8(node->text, strlen(node->text), &points)) {
        note_wrong(r, path, f->name, "not_text", "应为文字。");
        return false;
    }
    if ((int64_t)points < f->min || (int64_t)points > f->max) {
        bool few = (int64_t)points < f->min;
        note_wrong(r, path, f->name, few ? "too_short" : "too_long",
                   f->min == f->max ? ch_printf(r->a, "应为 %d 个字符。", (int)f->max)
                                    : ch_printf(r->a, "应为 %d 至 %d 个字符。", (int)f->min, (int)f->max));
        return false;
    }
    if (!has_good_characters(r, ch_printf(r->a, "%s/%s", path, f->name), node->text))
        return false;
    const char *sentence = f->rule != NULL ? f->rule(node->text) : NULL;
    if (sentence != NULL) {
        note_wrong(r, path, f->name, "rule", sentence);
        return false;
    }
    *out = node->text;
    return true;
}

static bool read_int(struct ch_req *r, const struct ch_field *f, const char *path, const struct ch_json *node, int64_t *out)
{
    int64_t v;

    if (!ch_json_node_int(node, &v)) {
        note_wrong(r, path, f->name, "not_integer", "应为整数。");
        return false;
    }
    if (v < f->min || v > f->max) {
        note_wrong(r, path, f->name, "out_of_range",
                   ch_printf(r->a, "应在 %lld 与 %lld 之间。", (long long)f->min, (long long)f->max));
        return false;
    }
    *out = v;
    return true;
}

static bool read_bool(struct ch_req *r, const struct ch_field *f, const char *path, const struct ch_json *node, void *out)
{
    if (node->kind != CH_JSON_BOOL) {
        note_wrong(r, path, f->name, "not_boolean", "应为是或否。");
        return false;
    }
    if (f->kind == CH_FIELD_MAYBE)
        *(enum ch_maybe *)out = node->truth ? CH_YES : CH_NO;
    else
        *(bool *)out = node->truth;
    return true;
}

static bool read_list(struct ch_req *r, const struct ch_field *f, const char *path, const struct ch_json *node,
                      struct ch_list *out)
{
    if (node->kind != CH_JSON_ARRAY || (int64_t)node->count < f->min || (int64_t)node->count > f->max) {
        note_wrong(r, path, f->name, "not_list", ch_printf(r->a, "应为 %d 至 %d 项。", (int)f->min, (int)f->max));
        return false;
    }
    unsigned char *items = ch_alloc_array(r->a, node->count, f->item->size);
    size_t i = 0;
    bool ok = true;
    for (const struct ch_json *e = node->first; e != NULL; e = e->next, i++)
        ok = read_object(r, f->item, ch_printf(r->a, "%s/%s/%zu", path, f->name, i), e, items + i * f->item->size) && ok;
    *out = (struct ch_list){items, node->count};
    return ok;
}

static bool read_field(struct ch_req *r, const struct ch_field *f, const char *path, const struct ch_json *node,
                       unsigned char *base)
{
    void *member = base + f->offset;

    if (node->kind == CH_JSON_NULL) {
        note_wrong(r, path, f->name, "null", "不能为空值。");
        return false;
    }
    switch (f->kind) {
    case CH_FIELD_TEXT:
        return read_text(r, f, path, node, member);
    case CH_FIELD_INT:
        return read_int(r, f, path, node, member);
    case CH_FIELD_LIST:
        return read_list(r, f, path, node, member);
    case CH_FIELD_BOOL:
    case CH_FIELD_MAYBE:
        return read_bool(r, f, path, node, member);
    case CH_FIELD_OBJECT:
        *(const struct ch_json **)member = node;
        if (node->kind == CH_JSON_OBJECT)
            return check_object(r, ch_printf(r->a, "%s/%s", path, f->name), node);
        note_wrong(r, path, f->name, "not_object", "格式不正确。");
        return false;
    }
    return false;
}

static bool read_object(struct ch_req *r, const struct ch_input *spec, const char *path, const struct ch_json *obj, void *out)
{
    bool ok = true;

    if (obj->kind != CH_JSON_OBJECT) {
        ch_wrong(r, path, "not_object", "格式不正确。");
        return false;
    }
    for (const struct ch_json *m = obj->first; m != NULL; m = m->next) {
        const struct ch_field *f = find_field(spec, m->key);
        if (f == NULL)
            note_wrong(r, path, m->key, "unknown", "不认识的字段。");
        ok = f != NULL && read_field(r, f, path, m, out) && ok;
    }
    for (size_t i = 0; i < spec->n; i++) {
        const struct ch_field *f = &spec->fields[i];
        if (f->required && ch_json_get(obj, f->name) == NULL) {
            note_wrong(r, path, f->name, "required", "此项必填。");
            ok = false;
        }
    }
    return ok;
}

enum ch_err ch_input_parse(struct ch_req *r, const struct ch_input *spec)
{
    struct ch_json *root;
    const char *twice = NULL;

    enum ch_json_error e = ch_json_parse(r->a, r->raw, &root, &twice);
    if (e == CH_JSON_DUPLICATE) {
        note_wrong(r, "", twice, "duplicate", "同一字段出现了两次。");
        return ch_fail(r, CH_E_INVALID, "duplicate key");
    }
    if (e != CH_JSON_OK || root->kind != CH_JSON_OBJECT)
        return ch_fail(r, CH_E_MALFORMED, "body is no JSON object");
    normalize_texts(r->a, root);
    void *in = ch_alloc(r->a, spec->size);
    r->in = in;
    return read_object(r, spec, "", root, in) ? CH_OK : ch_fail(r, CH_E_INVALID, "input");
}
