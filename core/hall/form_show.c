/* SPDX-License-Identifier: Apache-2.0
 * The form as the front renders it and as people read it. */
#include "core/hall/form_private.h"

#include <string.h>

static const struct {
    const char *key, *title;
} blocks[] = {
#define CH_BLOCK(key, title) {key, title},
#include "core/hall/form.tbl"
#undef CH_BLOCK
};

static const struct {
    char letter;
    const char *word;
} undoes[] = {{'P', "print"}, {'H', "phone"}, {'A', "account"}};

static void put_options(struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_form_field *f)
{
    bool type = strcmp(f->kind, "type") == 0;

    if (!type && strcmp(f->kind, "choice") != 0) {
        ch_jw_null(w, "options");
        return;
    }
    ch_jw_array(w, "options");
    for (const struct ch_json *t = type ? spec->types->first : NULL; t != NULL; t = t->next) {
        ch_jw_object(w, NULL);
        ch_jw_text(w, "value", ch_json_text(t, "code"));
        ch_jw_text(w, "label", ch_json_text(t, "name"));
        ch_jw_end_object(w);
    }
    for (size_t i = 0; i < ch__form_options_n; i++) {
        if (strcmp(ch__form_options[i].field, f->name) != 0)
            continue;
        ch_jw_object(w, NULL);
        ch_jw_text(w, "value", ch__form_options[i].value);
        ch_jw_text(w, "label", ch__form_options[i].label);
        ch_jw_end_object(w);
    }
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
    put_options(w, spec, f);
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
                ch_jw_text(w, "title", blocks[b].title);
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

/* A value as a person reads it. */
static const char *readable(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_form_field *f,
                            const struct ch_json *form, const struct ch_json *names)
{
    const char *v = ch__form_value(ch_json_get(form, f->name));
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
        return ch_form_type_name(spec, form);
    for (size_t i = 0; i < ch__form_options_n; i++)
        if (strcmp(ch__form_options[i].field, f->name) == 0 && strcmp(ch__form_options[i].value, v) == 0)
            return ch__form_options[i].label;
    return v;
}

void ch_form_walk(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *form, const struct ch_json *names,
                  ch_form_each *each, void *ctx)
{
    for (size_t b = 0; b < CH_COUNT(blocks); b++) {
        bool first = true;
        for (size_t i = 0; i < spec->n; i++) {
            const struct ch_form_shown *s = &spec->shown[i];
            if (!in_block(s, b) || !ch__form_applies(s, form))
                continue;
            const char *value = readable(a, spec, s->field, form, names);
            if (value == NULL)
                continue;
            each(ctx, &(struct ch_form_row){blocks[b].title, s->field->name, s->field->label, value, first});
            first = false;
        }
    }
}
