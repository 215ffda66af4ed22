/* SPDX-License-Identifier: Apache-2.0
 * The routes of kinds of business that begin with a certificate; finding it, and saving a form in which its data stay. */
#include "core/order/successor.h"

#include "core/base/config.h"
#include "core/form/rule.h"
#include "successor_sql.h"

#include <string.h>

/* {module} is replaced by the name of the module. */
const struct ch_route ch_successor_routes[] = {
    {"GET", "/{slug}/api/{module}/certificates", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "{module}.own", ch_successor_own},
    {"POST", "/{slug}/api/{module}/certificate", CH_APPLICANT, &ch_successor_find_body, CH_KB(1), CH_TX_SINGLE,
     "{module}.find", ch_successor_find},
    {"POST", "/{slug}/api/{module}/orders", CH_APPLICANT, &ch_successor_create_body, CH_KB(4), CH_TX_EACH,
     "{module}.create", ch_successor_create},
    {"PUT", "/{slug}/api/{module}/orders/{id:uuid}/form", CH_APPLICANT, &ch_flow_save_body, CH_KB(32), CH_TX_SEVERAL,
     "{module}.save", ch_successor_save},
    {0},
};

static const struct ch_field find_fields[] = {
    CH_IN_TEXT(struct ch_successor_find_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
};
const struct ch_input ch_successor_find_body = CH_INPUT(struct ch_successor_find_in, find_fields);

enum ch_err ch_successor_own(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&successor_own, ch_p_text(r->module->name)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* The answer is masked; of a certificate that is not the account's own it contains only what anybody may know. */
enum ch_err ch_successor_find(struct ch_req *r)
{
    const struct ch_successor_find_in *in = r->in;
    const char *out;

    enum ch_err e = ch_run_text(r,
                                CH_CALL(&successor_find_row, ch_p_text(ch_serial_bare(r->a, in->serial)),
                                        ch_p_text(r->module->name), ch_p_int(r->a, ch_conf_int(CONF_STATUS_LIMIT))),
                                &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* Refuses every change of a field that the order has locked and that the stored form contains. */
static enum ch_err check_locked(struct ch_req *r, const struct ch_json *locked, const struct ch_json *stored)
{
    const struct ch_flow_save_in *in = r->in;

    for (const struct ch_json *l = locked != NULL ? locked->first : NULL; l != NULL; l = l->next) {
        const struct ch_json *was = ch_json_get(stored, l->text), *now = ch_json_get(in->form, l->text);
        if (was == NULL || was->kind != CH_JSON_STRING)
            continue;
        if (now == NULL || now->kind != CH_JSON_STRING || strcmp(now->text, was->text) != 0)
            ch_wrong(r, ch_printf(r->a, "/form/%s", l->text), "locked", "此项以原证书为准，不能更改。");
    }
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "locked fields");
}

static const struct ch_json *item_of_serial(const struct ch_json *items, const char *serial)
{
    for (const struct ch_json *i = items->first; i != NULL; i = i->next)
        if (serial != NULL && ch_json_text(i, "serial") != NULL && strcmp(ch_json_text(i, "serial"), serial) == 0)
            return i;
    return NULL;
}

/* Of several certificates some may go, none may come, and what stands in them stays. */
static enum ch_err check_items(struct ch_req *r, const struct ch_json *stored)
{
    static const char *const members[] = {"cert_type", "holder_name", "holder_id", "seal_name"};
    const struct ch_flow_save_in *in = r->in;
    const struct ch_json *were = ch_form_items(stored), *now = ch_form_items(in->form);
    int at = 0;

    if ((were == NULL) != (now == NULL) || (now != NULL && now->first == NULL)) {
        ch_wrong(r, "/form/items", "locked", "请保留至少一张要更新的证书。");
        return ch_fail(r, CH_E_INVALID, "items");
    }
    for (const struct ch_json *i = now != NULL ? now->first : NULL; i != NULL; i = i->next, at++) {
        const struct ch_json *was = item_of_serial(were, ch_json_text(i, "serial"));
        if (was == NULL || item_of_serial(now, ch_json_text(i, "serial")) != i)
            ch_wrong(r, ch_printf(r->a, "/form/items/%d/serial", at), "locked",
                     "业务单中只能有创建时选择的证书，每张一次；要更新其他证书，请另行办理。");
        for (size_t m = 0; was != NULL && m < CH_COUNT(members); m++) {
            const char *x = ch_json_text(was, members[m]), *y = ch_json_text(i, members[m]);
            if (strcmp(x != NULL ? x : "", y != NULL ? y : "") != 0)
                ch_wrong(r, ch_printf(r->a, "/form/items/%d/%s", at, members[m]), "locked", "此项以原证书为准，不能更改。");
        }
    }
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "locked items");
}

enum ch_err ch_successor_save(struct ch_req *r)
{
    struct ch_json *stored, *locked;

    enum ch_err e = ch_order_own_form(r, ch_var(r, "id"), &stored, &locked);
    if (e == CH_OK)
        e = check_locked(r, locked, stored);
    if (e == CH_OK)
        e = check_items(r, stored);
    return e == CH_OK ? ch_flow_save(r) : e;
}
