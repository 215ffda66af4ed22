/* SPDX-License-Identifier: Apache-2.0
 * Bodies by their tables. */
#include "tests/handlers/handlers.h"

#include "core/base/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts, one of which satisfies each rule and length; those for a certain rule come first. */
static const char *const texts[] = {
    HANDLERS_ID,
    "13900000009",
    "000000",
    "11010519491231002X",
    "91350100M000100Y43",
    "0123456789ABCDEF",
    "308584000013",
    "24442000000000000001",
    "2026-01-05",
    "2026-01-05T09:00:00+08:00",
    "https://partner.example/hook",
    "wrong-wrong-1",
    "login",
    "password",
    "wechatpay",
    "person",
    "hold",
    "agent",
    "cessation",
    "generated",
    "sf",
    "sms",
    "/unit_name",
    "/",
    "a@b.example",
    "SF123456789",
    "C00000001",
    "755900000000001",
    "某单位",
    "某某某某单位",
    "1",
    "yes",
    "",
};

static bool fits(const struct ch_field *f, const char *text)
{
    size_t points = 0;
    return ch_utf8(text, strlen(text), &points) && (int64_t)points >= f->min && (int64_t)points <= f->max &&
           (f->rule == NULL || f->rule(text) == NULL);
}

/* Exactly that many letters, for tables that want more than any text above has. */
static const char *letters(struct ch_arena *a, int64_t n)
{
    char *s = ch_alloc(a, (size_t)n + 1);
    memset(s, 'a', (size_t)n);
    return s;
}

static const char *text_for(struct ch_arena *a, const struct ch_field *f)
{
    /* Fields without a rule are names and notes rather than ids. */
    for (size_t n = CH_COUNT(texts), i = 0; i < n; i++) {
        const char *text = texts[f->rule != NULL ? i : n - 1 - i];
        if (fits(f, text) && (*text != '\0' || f->max == 0))
            return text;
    }
    if (fits(f, letters(a, f->min)))
        return letters(a, f->min);
    fprintf(stderr, "no text of tests/handlers/body.c fits the field %s\n", f->name);
    exit(1);
}

static void put_object(struct ch_jw *w, struct ch_arena *a, const struct ch_input *spec);

static void put_field(struct ch_jw *w, struct ch_arena *a, const struct ch_field *f)
{
    switch (f->kind) {
    case CH_FIELD_TEXT:
        ch_jw_text(w, f->name, text_for(a, f));
        return;
    case CH_FIELD_INT:
        ch_jw_int(w, f->name, f->min > 0 || f->max < 1 ? f->min : 1);
        return;
    case CH_FIELD_BOOL:
    case CH_FIELD_MAYBE:
        ch_jw_bool(w, f->name, true);
        return;
    case CH_FIELD_OBJECT:
        ch_jw_raw(w, f->name, "{\"unit_name\":\"某单位\"}");
        return;
    case CH_FIELD_LIST:
        ch_jw_array(w, f->name);
        for (int64_t i = 0; i < (f->min > 1 ? f->min : f->max > 0 ? 1 : 0); i++) {
            ch_jw_object(w, NULL);
            put_object(w, a, f->item);
            ch_jw_end_object(w);
        }
        ch_jw_end_array(w);
        return;
    }
}

static void put_object(struct ch_jw *w, struct ch_arena *a, const struct ch_input *spec)
{
    for (size_t i = 0; i < spec->n; i++)
        put_field(w, a, &spec->fields[i]);
}

const char *handlers_body(struct ch_arena *a, const struct ch_input *spec, size_t variant)
{
    size_t optional = 0; /* of the fields so far */
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (size_t i = 0; i < spec->n; i++) {
        const struct ch_field *f = &spec->fields[i];
        if (f->required || variant == 0 || ++optional == variant - 1)
            put_field(&w, a, f);
    }
    ch_jw_end_object(&w);
    return variant < optional + 2 ? ch_jw_done(&w) : NULL;
}
