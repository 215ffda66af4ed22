/* SPDX-License-Identifier: Apache-2.0
 * The vouchers of a transfer, up to three files: stored as papers are, known by their place. */
#include "modules/material/material.h"

#include "core/base/random.h"
#include "core/hall/paper.h"
#include "core/hall/store.h"

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

static enum ch_err store(struct ch_req *r, const char *order, int slot, const char *mime, const char **id)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_bytes key;

    *id = ch_uuid7(r->a);
    ch_sha256(r->raw, hash);
    enum ch_err e = ch_store_put_at(r->a, &r->fault, ch_ring(), CH_VOUCHER_KEY, *id, r->raw, &key);
    if (e != CH_OK)
        return e;
    return ch_run(r, CH_CALL(&material_voucher_put_row, ch_p_text(*id), ch_p_text(order), ch_p_int(r->a, slot),
                             ch_p_text(material_file_name(r)), ch_p_text(mime), ch_p_int(r->a, (int64_t)r->raw.n),
                             ch_p_bytes(CH_BYTES(hash, sizeof hash)), ch_p_bytes(key)), NULL);
}

static enum ch_err answer(struct ch_req *r, int slot, const char *id, const char *mime)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "voucher");
    ch_jw_text(&w, "id", id);
    ch_jw_int(&w, "slot", slot);
    ch_jw_text(&w, "file_name", material_file_name(r));
    ch_jw_text(&w, "mime", mime);
    ch_jw_int(&w, "bytes", (int64_t)r->raw.n);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err material_voucher_put(struct ch_req *r)
{
    const char *order, *id, *mime;
    int slot;

    enum ch_err e = place(r, &order, &slot);
    if (e == CH_OK) /* whether the order takes a voucher now, before anything is written */
        e = ch_run(r, CH_CALL(&material_voucher_slot, ch_p_text(order), ch_p_int(r->a, slot)), NULL);
    if (e == CH_OK)
        e = material_kind(r, &mime);
    if (e == CH_OK)
        e = store(r, order, slot, mime, &id);
    return e == CH_OK ? answer(r, slot, id, mime) : e;
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
