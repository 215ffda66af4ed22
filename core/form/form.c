/* SPDX-License-Identifier: Apache-2.0
 * The fields, which of them apply to a form, the check of a form, and the keyed hashes of its groups. */
#include "core/form/form_private.h"

#include "core/base/codec.h"
#include "core/form/rule.h"

#include <stdlib.h>
#include <string.h>

const struct ch_form_field ch__form_fields[] = {
#define CH_FIELD(name, block, label, kind, max, rule, groups) {name, block, label, kind, max, rule, groups},
#include "core/form/form.tbl"
#undef CH_FIELD
};
const size_t ch__form_fields_n = CH_COUNT(ch__form_fields);

static const struct {
    const char *field, *other, *value;
} whens[] = {
#define CH_WHEN(field, other, value) {field, other, value},
#include "core/form/form.tbl"
#undef CH_WHEN
};

static const struct {
    const char *field, *other, *sentence;
} equals[] = {
#define CH_EQUAL(field, other, sentence) {field, other, sentence},
#include "core/form/form.tbl"
#undef CH_EQUAL
};

const struct ch_form_option ch__form_options[] = {
#define CH_OPTION(field, value, label) {field, value, label},
#include "core/form/form.tbl"
#undef CH_OPTION
};
const size_t ch__form_options_n = CH_COUNT(ch__form_options);

static const struct ch_json *find_row(const struct ch_json *list, const char *name)
{
    for (const struct ch_json *e = list != NULL ? list->first : NULL; e != NULL; e = e->next) {
        const char *field = ch_json_text(e, "field");
        if (field != NULL && strcmp(field, name) == 0)
            return e;
    }
    return NULL;
}

static struct ch_form_shown read_shown(const struct ch_form_field *f, const struct ch_json *row)
{
    const struct ch_json *types = ch_json_get(row, "cert_types"), *required = ch_json_get(row, "required");
    const struct ch_json *options = ch_json_get(row, "options");
    const char *hint = ch_json_text(row, "hint");
    int64_t levels = 0;

    if (!ch_json_int(row, "levels", &levels))
        levels = 2;
    return (struct ch_form_shown){f,
                                  required != NULL && required->truth,
                                  hint != NULL ? hint : "",
                                  types != NULL && types->kind == CH_JSON_ARRAY ? types : NULL,
                                  (int)levels,
                                  options != NULL && options->kind == CH_JSON_ARRAY ? options : NULL};
}

enum ch_err ch_form_spec_read(struct ch_arena *a, struct ch_fault *f, const char *json, struct ch_form_spec *out)
{
    struct ch_json *root;

    if (ch_json_parse(a, CH_BYTES(json, strlen(json)), &root, NULL) != CH_JSON_OK ||
        !ch_json_int(root, "revision", &out->revision))
        return ch_fault(f, CH_E_INTERNAL, "form specification unreadable");
    const struct ch_json *list = ch_json_get(root, "fields");
    out->types = ch_json_get(root, "types");
    out->project = ch_json_get(root, "project");
    out->businesses = ch_json_get(root, "businesses");
    const struct ch_json *extends = ch_json_get(root, "extends");
    out->extends = extends != NULL && extends->truth;
    out->shown = ch_alloc_array(a, ch__form_fields_n, sizeof *out->shown);
    out->n = 0;
    for (size_t i = 0; i < ch__form_fields_n; i++) {
        const struct ch_json *row = find_row(list, ch__form_fields[i].name);
        if (row != NULL)
            out->shown[out->n++] = read_shown(&ch__form_fields[i], row);
    }
    if (list == NULL || out->n != list->count)
        return ch_fault(f, CH_E_INTERNAL, "a project shows a field that form.tbl does not have");
    return CH_OK;
}

const struct ch_json *ch_form_type(const struct ch_form_spec *spec, const char *code)
{
    for (const struct ch_json *t = code != NULL ? spec->types->first : NULL; t != NULL; t = t->next)
        if (strcmp(ch_json_text(t, "code"), code) == 0)
            return t;
    return NULL;
}

const char *ch_form_person(const struct ch_form_spec *spec, const struct ch_json *form)
{
    const struct ch_json *items = ch_form_items(form), *chosen = items != NULL ? items->first : form;

    return ch_json_text(ch_form_type(spec, ch_json_text(chosen, "cert_type")), "person");
}

const char *ch_form_authenticated(const struct ch_form_spec *spec, const struct ch_json *form)
{
    const char *person = ch_form_person(spec, form);
    return person != NULL && strcmp(person, "natural") == 0 ? "holder" : "agent";
}

bool ch__form_names_type(const struct ch_json *types, const char *code)
{
    for (const struct ch_json *t = types->first; t != NULL; t = t->next)
        if (t->text != NULL && code != NULL && strcmp(t->text, code) == 0)
            return true;
    return false;
}

const char *ch_form_value(const struct ch_json *node)
{
    if (node == NULL || node->kind == CH_JSON_NULL)
        return NULL;
    return node->kind == CH_JSON_BOOL ? (node->truth ? "true" : "false") : node->text;
}

/* Whether the fields that the field `name` depends on have the values that CH_WHEN wants. */
static bool condition_met(const struct ch_json *form, const char *name)
{
    for (size_t i = 0; i < CH_COUNT(whens); i++) {
        if (strcmp(whens[i].field, name) != 0)
            continue;
        const char *v = ch_form_value(ch_json_get(form, whens[i].other));
        if (v == NULL || strcmp(v, whens[i].value) != 0 || !condition_met(form, whens[i].other))
            return false;
    }
    return true;
}

const char *ch__form_condition(const char *name, const char **other)
{
    for (size_t i = 0; i < CH_COUNT(whens); i++)
        if (strcmp(whens[i].field, name) == 0) {
            *other = whens[i].other;
            return whens[i].value;
        }
    return NULL;
}

/* Whether the form or one of its items is for one of these types. */
static bool asks_for(const struct ch_json *form, const struct ch_json *types)
{
    const struct ch_json *items = ch_form_items(form);

    for (const struct ch_json *i = items != NULL ? items->first : NULL; i != NULL; i = i->next)
        if (ch__form_names_type(types, ch_json_text(i, "cert_type")))
            return true;
    return ch__form_names_type(types, ch_json_text(form, "cert_type"));
}

bool ch__form_applies(const struct ch_form_shown *s, const struct ch_json *form)
{
    if (ch_form_items(form) != NULL && ch_form_is_of_item(s->field->name))
        return false; /* each item has its own */
    return (s->cert_types == NULL || asks_for(form, s->cert_types)) && condition_met(form, s->field->name);
}

void ch__form_wrong(struct ch_req *r, const char *path, const char *code, const char *sentence)
{
    ch_wrong(r, ch_printf(r->a, "/form/%s", path), code, sentence);
}

/* Whether a value has the JSON type and at most the length of its field. */
static bool has_shape(const struct ch_form_field *f, const struct ch_json *v)
{
    size_t points = 0;
    int64_t n;

    if (strcmp(f->kind, "bool") == 0)
        return v->kind == CH_JSON_BOOL;
    if (strcmp(f->kind, "years") == 0)
        return ch_json_node_int(v, &n) && n >= 1 && n <= f->max;
    return v->kind == CH_JSON_STRING && ch_utf8(v->text, strlen(v->text), &points) && points <= (size_t)f->max;
}

const char *ch_form_option_label(const char *field, const char *value)
{
    for (size_t i = 0; value != NULL && i < ch__form_options_n; i++)
        if (strcmp(ch__form_options[i].field, field) == 0 && strcmp(ch__form_options[i].value, value) == 0)
            return ch__form_options[i].label;
    return value;
}

static bool is_option(const struct ch_form_shown *s, const char *value)
{
    for (const struct ch_json *o = s->options != NULL ? s->options->first : NULL; o != NULL; o = o->next)
        if (strcmp(o->text, value) == 0)
            return true;
    for (size_t i = 0; s->options == NULL && i < ch__form_options_n; i++)
        if (strcmp(ch__form_options[i].field, s->field->name) == 0 && strcmp(ch__form_options[i].value, value) == 0)
            return true;
    return false;
}

/* Whether a code of GB/T 2260 names a region of that level: 1 province, 2 city, 3 county, 4 town. */
static bool is_region(const char *code, int level)
{
    static const size_t digits[] = {0, 2, 4, 6, 9};
    size_t n = strlen(code);
    return n == digits[level] && strspn(code, "0123456789") == n;
}

/* The sentence about a value that has the right shape but is wrong, or NULL. */
static const char *content_fault(const struct ch_form_spec *spec, const struct ch_form_shown *s, const struct ch_json *v)
{
    const struct ch_form_field *f = s->field;

    if (v->kind != CH_JSON_STRING)
        return NULL;
    if (strcmp(f->kind, "choice") == 0)
        return is_option(s, v->text) ? NULL : "请从列表中选择。";
    if (strcmp(f->kind, "type") == 0)
        return ch_form_type(spec, v->text) != NULL ? NULL : "请选择本项目提供的证书类型。";
    if (strcmp(f->kind, "region") == 0)
        return is_region(v->text, s->levels) ? NULL : "请选择完整的地区。";
    return f->rule != NULL ? f->rule(v->text) : NULL;
}

void ch_form_check_value(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s,
                         const char *path, const struct ch_json *v, bool complete)
{
    bool empty = v == NULL || v->kind == CH_JSON_NULL || (v->kind == CH_JSON_STRING && v->text[0] == '\0');

    if (empty) {
        if (complete && s->required)
            ch__form_wrong(r, path, "required", ch_printf(r->a, "请填写%s。", s->field->label));
        return;
    }
    if (!has_shape(s->field, v)) {
        ch__form_wrong(r, path, "shape", ch_printf(r->a, "%s的格式或长度不正确。", s->field->label));
        return;
    }
    const char *sentence = complete ? content_fault(spec, s, v) : NULL;
    if (sentence != NULL)
        ch__form_wrong(r, path, "rule", sentence);
}

static const struct ch_form_shown *find_shown(const struct ch_form_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n; i++)
        if (strcmp(spec->shown[i].field->name, name) == 0)
            return &spec->shown[i];
    return NULL;
}

/* The pairs of fields that must have the same value. */
static void check_equal(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form)
{
    for (size_t i = 0; i < CH_COUNT(equals); i++) {
        const char *x = ch_json_text(form, equals[i].field), *y = ch_json_text(form, equals[i].other);
        const struct ch_form_shown *s = find_shown(spec, equals[i].field);
        if (s != NULL && ch__form_applies(s, form) && x != NULL && y != NULL && strcmp(x, y) != 0)
            ch__form_wrong(r, equals[i].field, "differs", equals[i].sentence);
    }
}

enum ch_err ch_form_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form, bool complete,
                          const char **kept)
{
    struct ch_jw w;

    for (const struct ch_json *m = form->first; m != NULL; m = m->next)
        if (find_shown(spec, m->key) == NULL)
            ch__form_wrong(r, m->key, "unknown", "本项目没有此项内容。");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    for (size_t i = 0; i < spec->n; i++) {
        const struct ch_form_shown *s = &spec->shown[i];
        const struct ch_json *v = ch_json_get(form, s->field->name);
        if (!ch__form_applies(s, form))
            continue;
        if (strcmp(s->field->kind, "items") == 0)
            ch__form_check_items(r, spec, s, v, complete);
        else
            ch_form_check_value(r, spec, s, s->field->name, v, complete);
        if (v != NULL && v->kind != CH_JSON_NULL)
            ch_jw_node(&w, s->field->name, v);
    }
    ch_jw_end_object(&w);
    if (complete)
        check_equal(r, spec, form);
    *kept = ch_jw_done(&w);
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "form");
}

/* The fields of a group. A form without items adds nothing for them, so that it keeps the hash that it had before the field
 * `items` existed. */
static void put_group(struct ch_buf *b, const struct ch_json *form, char letter)
{
    for (size_t i = 0; i < ch__form_fields_n; i++) {
        if (strchr(ch__form_fields[i].groups, letter) == NULL)
            continue;
        const struct ch_json *node = ch_json_get(form, ch__form_fields[i].name);
        const char *v = ch_form_value(node);
        if (strcmp(ch__form_fields[i].kind, "items") == 0)
            ch__form_items_mark(b, node, letter);
        else
            ch_buf_printf(b, "%s=%s\n", ch__form_fields[i].name, v != NULL ? v : "");
    }
}

char *ch_form_digest(struct ch_arena *a, const char *order, const struct ch_json *form)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "%s\n", order);
    put_group(&b, form, 'P');
    ch_sha256(ch_buf_bytes(&b), hash);
    return ch_hex(a, CH_BYTES(hash, sizeof hash));
}

/* The keyed hash of the fields of a group, in hex. */
static char *group_mark(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form, char letter,
                        const char *name)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_buf b;

    ch_buf_init(&b, a);
    put_group(&b, form, letter);
    ch_blind(ring, name, b.p, hash);
    return ch_hex(a, CH_BYTES(hash, 16));
}

static const struct {
    char letter;
    const char *name;
} groups[] = {{'P', "print"}, {'H', "phone"}, {'A', "account"}, {'C', "price"}, {'S', "sealpicture"}, {'L', "legal"}};

char *ch_form_marks(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (size_t g = 0; g < CH_COUNT(groups); g++)
        ch_jw_text(&w, groups[g].name, group_mark(a, ring, form, groups[g].letter, groups[g].name));
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

char *ch_form_mark(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form, const char *group)
{
    for (size_t g = 0; g < CH_COUNT(groups); g++)
        if (strcmp(groups[g].name, group) == 0)
            return group_mark(a, ring, form, groups[g].letter, group);
    abort(); /* `group` is always a constant */
}
