/* SPDX-License-Identifier: Apache-2.0
 * The vouchers of a transfer, up to three files: stored as papers are, known by their place. */
#include "modules/material/material.h"

#include "core/paper/paper.h"

/* The path's order and slot; anything but one digit is no slot. */
static enum ch_err place(struct ch_req *r, const char **order, int *slot)
{
    const char *s = ch_var(r, "slot");

    enum ch_err e = ch_var_uuid(r, "id", order);
    if (e != CH_OK)
        return e;
    if (s[0] < '1' || s[0] > '9' || s[1] != '\0')
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这份凭证。");
    *slot = s[0] - '0';
    return CH_OK;
}

static enum ch_err answer(struct ch_req *r, int slot, const struct material_file *f)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "voucher");
    ch_jw_int(&w, "slot", slot);
    material_put_file(&w, r, f);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err material_voucher_put(struct ch_req *r)
{
    struct material_file f;
    const char *order;
    int slot;

    enum ch_err e = place(r, &order, &slot);
    if (e != CH_OK)
        return e;
    material_read(r, &f);
    const struct material_way way = {CH_CALL(&material_voucher_slot, ch_p_text(order), ch_p_int(r->a, slot)),
                                     &material_voucher_put_row, order, ch_p_int(r->a, slot), CH_VOUCHER_KEY};
    e = material_take(r, &way, &f);
    return e == CH_OK ? answer(r, slot, &f) : e;
}

enum ch_err material_voucher_get(struct ch_req *r)
{
    struct ch_rows rows;
    const char *order;
    int slot;

    enum ch_err e = place(r, &order, &slot);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&material_voucher_row, ch_p_text(order), ch_p_int(r->a, slot)), &rows);
    return e == CH_OK ? ch_voucher_reply(r, &rows) : e;
}

enum ch_err material_voucher_delete(struct ch_req *r)
{
    const char *order;
    int slot;

    enum ch_err e = place(r, &order, &slot);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&material_voucher_delete_row, ch_p_text(order), ch_p_int(r->a, slot)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
