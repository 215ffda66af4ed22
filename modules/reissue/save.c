/* SPDX-License-Identifier: Apache-2.0
 * Saving the form of a reissue: as in the flow, but fields that stand in the certificate cannot be changed. */
#include "modules/reissue/reissue.h"

#include <string.h>

/* Refuses every change of a field that the order has locked and that the stored form contains. */
static enum ch_err check_locked(struct ch_req *r, const struct ch_json *locked, const struct ch_json *stored)
{
    const struct ch_flow_save_in *in = r->in;

    for (const struct ch_json *l = locked != NULL ? locked->first : NULL; l != NULL; l = l->next) {
        const struct ch_json *was = ch_json_get(stored, l->text), *now = ch_json_get(in->form, l->text);
        if (was == NULL || was->kind != CH_JSON_STRING)
            continue;
        if (now == NULL || now->kind != CH_JSON_STRING || strcmp(now->text, was->text) != 0)
            ch_wrong(r, ch_printf(r->a, "/form/%s", l->text), "locked", "此项以原证书为准，补办时不能更改。");
    }
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "locked fields");
}

enum ch_err reissue_save(struct ch_req *r)
{
    struct ch_json *stored, *locked;

    enum ch_err e = ch_order_own_form(r, ch_var(r, "id"), &stored, &locked);
    if (e == CH_OK)
        e = check_locked(r, locked, stored);
    return e == CH_OK ? ch_flow_save(r) : e;
}
