/* SPDX-License-Identifier: Apache-2.0
 * The form as JSON for the front end, and as text for people. */
#include "core/form/form_private.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key, *title;
} blocks[] = {
#define CH_BLOCK(key, title) {key, title},
#include "core/form/form.tbl"
#undef CH_BLOCK
};

static const struct {
    char letter;
    const char *word;
} undoes[] = {{'P', "print"}, {'H', "phone"}, {'A', "account"}};

static const char *block_title(const char *key)
{
    for (size_t i = 0; i < CH_COUNT(blocks); i++)
        if (strcmp(blocks[i].key, key) == 0)
            return blocks[i].title;
    return "";
}

const char *ch_form_place(struct ch_arena *a, const char *path)
{
    size_t length = strcspn(path, "/"), alike = 0;
    const struct ch_form_field *found = NULL;

    for (size_t i = 0; i < ch__form_fields_n; i++)
        if (strlen(ch__form_fields[i].name) == length && strncmp(ch__form_fields[i].name, path, length) == 0)
            found = &ch__form_fields[i];
    if (found == NULL)
        return NULL;
    if (path[length] == '/')
        return ch_printf(a, "第 %ld 张%s", strtol(path + length + 1, NULL, 10) + 1, found->label);
    for (size_t i = 0; i < ch__form_fields_n; i++)
        alike += strcmp(ch__form_fields[i].label, found->label) == 0;
    const char *title = block_title(found->block), *end = strstr(title, "信息");
    return alike == 1 || end == NULL ? found->label : ch_printf(a, "%.*s%s", (int)(end - title), title, found->label);
}

static void put_option(struct ch_jw *w, const char *value, const char *label)
{
    ch_jw_object(w, NULL);
    ch_jw_text(w, "value", value);
    ch_jw_text(w, "label", label);
    ch_jw_end_object(w);
}

void ch_form_choices(struct ch_jw *w, const char *member, const char *field)
{
    ch_jw_array(w, member);
    for (size_t i = 0; i < ch__form_options_n; i++) {
        if (strcmp(ch__form_options[i].field, field) != 0)
            continue;
        ch_jw_object(w, NULL);
        ch_jw_text(w, "code", ch__form_options[i].value);
        ch_jw_text(w, "name", ch__form_options[i].label);
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

static void put_options(struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_form_shown *s)
{
    const struct ch_form_field *f = s->field;
    bool type = strcmp(f->kind, "type") == 0;

    if (!type && strcmp(f->kind, "choice") != 0) {
        ch_jw_null(w, "options");
        return;
    }
    ch_jw_array(w, "options");
    for (const struct ch_json *t = type ? spec->types->first : NULL; t != NULL; t = t->next)
        put_option(w, ch_json_text(t, "code"), ch_json_text(t, "name"));
    for (const struct ch_json *o = s->options != NULL ? s->options->first : NULL; o != NULL; o = o->next)
        put_option(w, o->text, ch_form_option_label(f->name, o->text));
    for (size_t i = 0; s->options == NULL && i < ch__form_options_n; i++)
        if (strcmp(ch__form_options[i].field, f->name) == 0)
            put_option(w, ch__form_options[i].value, ch__form_options[i].label);
    ch_jw_end_array(w);
}

static void put_when(struct ch_jw *w, const char *name)
{
    const char *other, *value = ch__form_condition(name, &other);

    if (value == NULL) {
        ch_jw_null(w, "when");
        return;
    }
    ch_jw_object(w, "when");
    ch_jw_text(w, "field", other);
    if (strcmp(value, "true") == 0)
        ch_jw_bool(w, "equals", true);
    else
        ch_jw_text(w, "equals", value);
    ch_jw_end_object(w);
}

static void put_field(struct ch_jw *w, struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_shown *s);

/* A member of an item is required where it is for one type at least; the others do not have it. */
static void put_member(struct ch_jw *w, struct ch_arena *a, const struct ch_form_spec *spec, size_t n)
{
    struct ch_form_shown shown = {.field = &ch__form_members[n], .hint = ""};
    bool required = false;

    for (const struct ch_json *t = spec->types->first; t != NULL; t = t->next)
        required = (ch__form_member(spec, n, t, &shown) && shown.required) || required;
    shown.required = required;
    put_field(w, a, spec, &shown);
}

/* A field; the field `items` also has the members of an item. */
static void put_field(struct ch_jw *w, struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_shown *s)
{
    const struct ch_form_field *f = s->field;

    ch_jw_object(w, NULL);
    ch_jw_text(w, "name", f->name);
    ch_jw_text(w, "label", f->label);
    ch_jw_text(w, "kind", strcmp(f->kind, "region") == 0 ? ch_printf(a, "region%d", s->levels) : f->kind);
    ch_jw_bool(w, "required", s->required);
    ch_jw_int(w, "max", f->max);
    ch_jw_text(w, "hint", s->hint);
    ch_jw_text(w, "placeholder", "");
    put_options(w, spec, s);
    put_when(w, f->name);
    if (s->cert_types != NULL)
        ch_jw_node(w, "types", s->cert_types);
    else
        ch_jw_null(w, "types");
    ch_jw_bool(w, "locked_when_paid", strchr(f->groups, 'C') != NULL);
    ch_jw_array(w, "undoes");
    for (size_t i = 0; i < CH_COUNT(undoes); i++)
        if (strchr(f->groups, undoes[i].letter) != NULL)
            ch_jw_text(w, NULL, undoes[i].word);
    ch_jw_end_array(w);
    if (strcmp(f->kind, "items") == 0) {
        ch_jw_array(w, "members");
        for (size_t i = 0; i < ch__form_members_n; i++)
            if (ch__form_has_member(spec, i))
                put_member(w, a, spec, i);
        ch_jw_end_array(w);
    }
    ch_jw_end_object(w);
}

static bool in_block(const struct ch_form_shown *s, size_t block)
{
    return strcmp(s->field->block, blocks[block].key) == 0;
}

void ch_form_blocks(struct ch_jw *w, const struct ch_form_spec *spec)
{
    ch_jw_array(w, "blocks");
    for (size_t b = 0; b < CH_COUNT(blocks); b++) {
        bool opened = false;
        for (size_t i = 0; i < spec->n; i++) {
            if (!in_block(&spec->shown[i], b))
                continue;
            if (!opened) {
                ch_jw_object(w, NULL);
                ch_jw_text(w, "key", blocks[b].key);
                ch_jw_text(w, "title",
                           strcmp(blocks[b].key, "items") == 0 ? ch__form_items_title(spec, blocks[b].title)
                                                               : blocks[b].title);
                ch_jw_null(w, "types");
                ch_jw_array(w, "fields");
                opened = true;
            }
            put_field(w, w->out.a, spec, &spec->shown[i]);
        }
        if (opened) {
            ch_jw_end_array(w);
            ch_jw_end_object(w);
        }
    }
    ch_jw_end_array(w);
}

const char *ch__form_readable(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_field *f,
                              const struct ch_json *node, const struct ch_json *names)
{
    const char *v = ch_form_value(node);
    const char *named = v != NULL ? ch_json_text(names, v) : NULL;

    if (v == NULL || *v == '\0')
        return NULL;
    if (named != NULL)
        return named;
    if (strcmp(f->kind, "bool") == 0)
        return strcmp(v, "true") == 0 ? "是" : "否";
    if (strcmp(f->kind, "years") == 0)
        return ch_printf(a, "%s 年", v);
    if (strcmp(f->kind, "type") == 0)
        return ch_json_text(ch_form_type(spec, v), "name");
    return ch_form_option_label(f->name, v);
}

void ch_form_walk(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *form,
                  const struct ch_json *names, ch_form_each *each, void *ctx)
{
    for (size_t b = 0; b < CH_COUNT(blocks); b++) {
        bool first = true;
        for (size_t i = 0; i < spec->n; i++) {
            const struct ch_form_shown *s = &spec->shown[i];
            if (!in_block(s, b) || !ch__form_applies(s, form))
                continue;
            const struct ch_json *v = ch_json_get(form, s->field->name);
            if (strcmp(s->field->kind, "items") == 0) {
                first = ch__form_items_walk(a, spec, blocks[b].title, v, each, ctx) ? false : first;
                continue;
            }
            const char *value = ch__form_readable(a, spec, s->field, v, names);
            if (value == NULL)
                continue;
            bool printed = strchr(s->field->groups, 'P') != NULL;
            each(ctx, &(struct ch_form_row){blocks[b].title, s->field->name, s->field->label, value, first, printed});
            first = false;
        }
    }
}
