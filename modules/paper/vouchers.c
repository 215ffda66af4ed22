/* SPDX-License-Identifier: Apache-2.0
 * The vouchers of a transfer: up to three files, which are stored like papers. Each is known by the number of its slot. */
#include "modules/paper/paper.h"

#include "core/paper/paper.h"

/* Reads the slot of the path, which is one digit from 1; the database knows how many slots there are. */
static enum ch_err read_slot(struct ch_req *r, int *slot)
{
    const char *s = ch_var(r, "slot");

    *slot = s[0] - '0';
    if (*slot < 1 || *slot > 9 || s[1] != '\0')
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这份凭证。");
    return CH_OK;
}

enum ch_err paper_voucher_put(struct ch_req *r)
{
    const char *order = ch_var(r, "id");
    struct ch_upload f;
    struct ch_jw w;
    int slot;

    enum ch_err e = read_slot(r, &slot);
    if (e != CH_OK)
        return e;
    ch_upload_read(r, &f);
    const struct paper_way way = {.may = CH_CALL(&paper_voucher_slot, ch_p_text(order), ch_p_int(r->a, slot)),
                                  .order = order,
                                  .key_place = CH_VOUCHER_KEY};
    e = paper_store(r, &way, &f);
    if (e == CH_OK)
        e = ch_upload_keep(r, &f,
                           CH_CALL(&paper_voucher_put_row, ch_p_text(f.id), ch_p_text(order), ch_p_int(r->a, slot),
                                   ch_p_text(f.name), ch_p_text(f.mime), f.size, f.hash, ch_p_bytes(f.key)),
                           NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "voucher");
    ch_jw_int(&w, "slot", slot);
    ch_upload_write(&w, r, &f);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err paper_voucher_get(struct ch_req *r)
{
    struct ch_rows rows;
    int slot;

    enum ch_err e = read_slot(r, &slot);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&paper_voucher_row, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, slot)), &rows);
    return e == CH_OK ? ch_paper_voucher_reply(r, &rows) : e;
}

enum ch_err paper_voucher_delete(struct ch_req *r)
{
    int slot;

    enum ch_err e = read_slot(r, &slot);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&paper_voucher_delete_row, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, slot)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
