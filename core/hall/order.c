/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hall/order.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "hall_sql.h"

#include <string.h>

char *ch_order_number(struct ch_arena *a)
{
    return ch_printf(a, "%013lld%s", (long long)ch_now_ms(), ch_random_text(a, "0123456789", 5));
}

enum ch_err ch_order_form(struct ch_req *r, const char *id, struct ch_bytes sealed, struct ch_json **form)
{
    struct ch_bytes plain = CH_LIT("{}");

    if (sealed.p != NULL && !ch_unseal(ch_ring(), r->a, CH_ORDER_FORM, id, sealed, &plain))
        return ch_fail(r, CH_E_INTERNAL, "form of %s does not open", id);
    if (ch_json_parse(r->a, plain, form, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "form of %s unreadable", id);
    return CH_OK;
}

enum ch_err ch_order_read(struct ch_req *r, const char *id, const struct ch_rows *rows, struct ch_json **order,
                          struct ch_json **form)
{
    if (rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    const char *out = ch_col(rows, 0, "out");
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), order, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "order %s unreadable", id);
    return ch_order_form(r, id, ch_col_bytes(rows, r->a, 0, "form"), form);
}

enum ch_err ch_order_reply(struct ch_req *r, int status, const char *id, const struct ch_rows *rows)
{
    struct ch_json *order, *form;
    struct ch_jw w;

    enum ch_err e = ch_order_read(r, id, rows, &order, &form);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    for (const struct ch_json *m = order->first; m != NULL; m = m->next)
        ch_jw_node(&w, m->key, m);
    ch_jw_node(&w, "form", form);
    ch_jw_end_object(&w);
    return ch_reply_json(r, status, ch_jw_done(&w));
}

static const struct ch_field version_fields[] = {
    CH_IN_INT(struct ch_version_in, version, CH_REQUIRED, 1, INT32_MAX),
};
const struct ch_input ch_version_body = CH_INPUT(struct ch_version_in, version_fields);

enum ch_err ch_order_event(struct ch_req *r, const struct ch_stmt *event)
{
    const struct ch_version_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    const struct ch_call calls[] = {
        CH_CALL(event, ch_p_text(id), ch_p_int(r->a, in->version)),
        CH_CALL(&hall_order_view, ch_p_text(id)),
    };
    struct ch_rows rows[CH_COUNT(calls)];
    e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_order_reply(r, 200, id, &rows[1]) : e;
}

/* Fields that hold a code of one of the hall's own tables. */
static const char *const coded[] = {"unit_region", "mail_region", "account_branch"};

enum ch_err ch_order_code_names(struct ch_req *r, ch_ask *ask, const struct ch_json *form, const struct ch_json **names)
{
    const char *list = "";
    struct ch_json *root;
    struct ch_rows rows;

    for (size_t i = 0; i < CH_COUNT(coded); i++) {
        const char *code = ch_json_text(form, coded[i]);
        if (code != NULL && strspn(code, "0123456789") == strlen(code))
            list = ch_printf(r->a, "%s%s\"%s\"", list, *list != '\0' ? "," : "", code);
    }
    enum ch_err e = ask(r, CH_CALL(&hall_code_names, ch_p_text(ch_printf(r->a, "{%s}", list))), &rows);
    if (e != CH_OK)
        return e;
    const char *out = ch_col(&rows, 0, "out");
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &root, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "names unreadable");
    *names = root;
    return CH_OK;
}

enum ch_err ch_order_codes_known(struct ch_req *r, const struct ch_json *form)
{
    const struct ch_json *names;

    enum ch_err e = ch_order_code_names(r, ch_peek, form, &names);
    if (e != CH_OK)
        return e;
    for (size_t i = 0; i < CH_COUNT(coded); i++) {
        const char *code = ch_json_text(form, coded[i]);
        if (code != NULL && ch_json_text(names, code) == NULL)
            ch_wrong(r, ch_printf(r->a, "/form/%s", coded[i]), "not_known", "请从列表中重新选择。");
    }
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "codes");
}
