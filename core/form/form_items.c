/* SPDX-License-Identifier: Apache-2.0
 * The field `items`: several certificates in one form. form.tbl declares the members of an item like fields. */
#include "core/form/form_private.h"

#include "core/form/rule.h"

#include <string.h>

const struct ch_form_field ch__form_members[] = {
#define CH_ITEM(name, label, kind, max, rule, groups, of) {name, "items", label, kind, max, rule, groups},
#include "core/form/form.tbl"
#undef CH_ITEM
};
static const char *const members_of[] = {
#define CH_ITEM(name, label, kind, max, rule, groups, of) of,
#include "core/form/form.tbl"
#undef CH_ITEM
};
const size_t ch__form_members_n = CH_COUNT(ch__form_members);

const struct ch_json *ch_form_items(const struct ch_json *form)
{
    const struct ch_json *items = ch_json_get(form, "items");
    return items != NULL && items->kind == CH_JSON_ARRAY ? items : NULL;
}

const struct ch_json *ch_form_item_type(const struct ch_form_spec *spec, const struct ch_json *item)
{
    return ch_form_type(spec, ch_json_text(item, "cert_type"));
}

/* Whether certificates of the type are for a person of the unit. */
static bool is_for_person(const struct ch_json *type)
{
    const char *person = ch_json_text(type, "person");
    return person != NULL && strcmp(person, "holder") == 0;
}

bool ch_form_is_of_item(const char *name)
{
    for (size_t i = 0; i < ch__form_members_n; i++)
        if (strcmp(ch__form_members[i].name, name) == 0)
            return true;
    return false;
}

bool ch__form_has_member(const struct ch_form_spec *spec, size_t n)
{
    return strchr(members_of[n], spec->extends ? 'E' : 'N') != NULL;
}

/* Whether the project requires the field of that name for certificates of the type. */
static bool is_required(const struct ch_form_spec *spec, const char *name, const struct ch_json *type)
{
    for (size_t i = 0; i < spec->n; i++) {
        const struct ch_form_shown *s = &spec->shown[i];
        if (strcmp(s->field->name, name) == 0)
            return s->required && (s->cert_types == NULL || ch__form_names_type(s->cert_types, ch_json_text(type, "code")));
    }
    return false;
}

bool ch__form_member(const struct ch_form_spec *spec, size_t n, const struct ch_json *type, struct ch_form_shown *out)
{
    const struct ch_form_field *f = &ch__form_members[n];

    *out = (struct ch_form_shown){.field = f, .required = !spec->extends || is_required(spec, f->name, type), .hint = ""};
    return ch__form_has_member(spec, n) && (strncmp(f->name, "holder_", 7) != 0 || is_for_person(type));
}

static bool is_known_member(const struct ch_form_spec *spec, const char *name, const struct ch_json *type)
{
    struct ch_form_shown shown;

    for (size_t i = 0; i < ch__form_members_n; i++)
        if (strcmp(ch__form_members[i].name, name) == 0)
            return ch__form_member(spec, i, type, &shown);
    return false;
}

static bool years_offered(const struct ch_json *type, int64_t years)
{
    const struct ch_json *list = ch_json_get(type, "years");
    int64_t n;

    for (const struct ch_json *y = list != NULL ? list->first : NULL; y != NULL; y = y->next)
        if (ch_json_int(y, "years", &n) && n == years)
            return true;
    return false;
}

/* Type and years determine the price and the row of hall.order_item, so that even a draft must have them. */
static void check_offer(struct ch_req *r, const struct ch_json *type, const struct ch_json *item, const char *path)
{
    int64_t years;

    if (type == NULL)
        ch__form_wrong(r, ch_printf(r->a, "%s/cert_type", path), "rule", "请选择本项目提供的签章类型。");
    else if (!ch_json_int(item, "years", &years) || !years_offered(type, years))
        ch__form_wrong(r, ch_printf(r->a, "%s/years", path), "rule", "请选择本项目提供的年限。");
}

/* The number of earlier items of the same type; *same_years tells whether the last of them has the same years, or there is
 * none. */
static int64_t count_earlier(const struct ch_json *items, const struct ch_json *item, bool *same_years)
{
    const char *code = ch_json_text(item, "cert_type");
    int64_t n = 0, years = 0, mine = 0;

    for (const struct ch_json *i = items->first; i != item; i = i->next) {
        const char *other = ch_json_text(i, "cert_type");
        if (code == NULL || other == NULL || strcmp(code, other) != 0)
            continue;
        n++;
        if (!ch_json_int(i, "years", &years))
            years = 0;
    }
    *same_years = n == 0 || (ch_json_int(item, "years", &mine) && mine == years);
    return n;
}

/* A type can be limited in number. The unit's seals of one type must all have the same years; those of persons need not, nor
 * certificates that are extended. */
static void check_number(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *type,
                         const struct ch_json *items, const struct ch_json *item, const char *path)
{
    bool same_years;
    int64_t most, before = count_earlier(items, item, &same_years);

    if (ch_json_int(type, "most", &most) && before >= most)
        ch__form_wrong(r, path, "too_many",
                       ch_printf(r->a, "“%s”最多可办理 %lld 枚。", ch_json_text(type, "name"), (long long)most));
    else if (!spec->extends && !is_for_person(type) && !same_years)
        ch__form_wrong(r, ch_printf(r->a, "%s/years", path), "differs", "同一种签章请选择相同的年限。");
}

static void check_item(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *items,
                       const struct ch_json *item, const char *path, bool complete)
{
    const struct ch_json *type = ch_form_item_type(spec, item);

    if (item->kind != CH_JSON_OBJECT) {
        ch__form_wrong(r, path, "shape", "签章信息的格式不正确。");
        return;
    }
    for (const struct ch_json *m = item->first; m != NULL; m = m->next)
        if (!is_known_member(spec, m->key, type))
            ch__form_wrong(r, ch_printf(r->a, "%s/%s", path, m->key), "unknown", "此种签章没有此项内容。");
    for (size_t i = 0; i < ch__form_members_n; i++) {
        const struct ch_form_field *f = &ch__form_members[i];
        struct ch_form_shown shown;
        bool offer = strcmp(f->kind, "type") == 0 || strcmp(f->kind, "years") == 0; /* checked by check_offer */
        if (ch__form_member(spec, i, type, &shown) && !offer)
            ch_form_check_value(r, spec, &shown, ch_printf(r->a, "%s/%s", path, f->name), ch_json_get(item, f->name),
                                complete);
    }
    check_offer(r, type, item, path);
    if (type != NULL)
        check_number(r, spec, type, items, item, path);
}

void ch__form_check_items(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_form_shown *s,
                          const struct ch_json *items, bool complete)
{
    const char *name = s->field->name;
    int at = 0;

    if (items == NULL || items->kind == CH_JSON_NULL || (items->kind == CH_JSON_ARRAY && items->count == 0)) {
        if (complete && s->required)
            ch__form_wrong(r, name, "required", "请至少选择一种签章。");
        return;
    }
    if (items->kind != CH_JSON_ARRAY || items->count > (size_t)s->field->max) {
        ch__form_wrong(r, name, "shape", ch_printf(r->a, "一份业务单最多可办理 %d 枚签章。", s->field->max));
        return;
    }
    for (const struct ch_json *i = items->first; i != NULL; i = i->next)
        check_item(r, spec, items, i, ch_printf(r->a, "%s/%d", name, at++), complete);
}

void ch__form_items_mark(struct ch_buf *b, const struct ch_json *items, char letter)
{
    if (items == NULL || items->kind != CH_JSON_ARRAY)
        return;
    for (const struct ch_json *item = items->first; item != NULL; item = item->next) {
        for (size_t i = 0; i < ch__form_members_n; i++) {
            const char *v = ch_form_value(ch_json_get(item, ch__form_members[i].name));
            bool told = v != NULL || strchr(members_of[i], 'N') != NULL; /* new certificates keep the hashes that they had */
            if (told && strchr(ch__form_members[i].groups, letter) != NULL)
                ch_buf_printf(b, "%s=%s\n", ch__form_members[i].name, v != NULL ? v : "");
        }
        ch_buf_printf(b, ";\n");
    }
}

/* An item for people: "2 年；姓名：李四；…". The type is left out: it is in the label. */
static const char *item_text(struct ch_arena *a, const struct ch_form_spec *spec, const struct ch_json *item)
{
    const char *text = "";

    for (size_t i = 0; i < ch__form_members_n; i++) {
        const char *v = ch__form_readable(a, spec, &ch__form_members[i], ch_json_get(item, ch__form_members[i].name), NULL);
        if (v != NULL && strcmp(ch__form_members[i].name, "cert_type") != 0)
            text = ch_printf(a, "%s%s%s：%s", text, *text != '\0' ? "；" : "", ch__form_members[i].label, v);
    }
    return text;
}

const char *ch__form_items_title(const struct ch_form_spec *spec, const char *title)
{
    return spec->extends ? "要更新的证书" : title;
}

bool ch__form_items_walk(struct ch_arena *a, const struct ch_form_spec *spec, const char *block_title,
                         const struct ch_json *items, ch_form_each *each, void *ctx)
{
    int at = 0;
    bool same_years;

    if (items == NULL || items->kind != CH_JSON_ARRAY)
        return false;
    for (const struct ch_json *i = items->first; i != NULL; i = i->next, at++) {
        const char *name = ch_json_text(ch_form_item_type(spec, i), "name");
        const char *label =
            ch_printf(a, "%s %lld", name != NULL ? name : "", (long long)count_earlier(items, i, &same_years) + 1);
        each(ctx, &(struct ch_form_row){ch__form_items_title(spec, block_title), ch_printf(a, "items/%d", at), label,
                                        item_text(a, spec, i), at == 0, true});
    }
    return at > 0;
}
