/* SPDX-License-Identifier: Apache-2.0
 * Making a certificate and sending it. The signer makes it; a producer asks, loads the key file into the token and hands the
 * parcel over. */
#include "modules/desk/desk.h"

enum ch_err desk_produce(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return desk_happen(r, id, CH_CALL(&desk_produce_row, ch_p_text(id), ch_p_int(r->a, in->version)));
}

static enum ch_err file(struct ch_req *r, const char *column, const char *mime, const char *ending)
{
    struct ch_rows rows;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_key_file_row, ch_p_text(id)), &rows);
    if (e != CH_OK)
        return e;
    struct ch_bytes bytes = rows.n == 1 ? ch_col_bytes(&rows, r->a, 0, column) : CH_BYTES(NULL, 0);
    if (bytes.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "证书还没有制作，或密钥文件已随寄出销毁。");
    return ch_reply_file(r, mime, ch_printf(r->a, "%s.%s", ch_col(&rows, 0, "number"), ending), bytes);
}

enum ch_err desk_key_file(struct ch_req *r)
{
    return file(r, "key_file", "application/x-pkcs12", "p12");
}

enum ch_err desk_certificate(struct ch_req *r)
{
    return file(r, "certificate", "application/pkix-cert", "cer");
}

enum ch_err desk_ship(struct ch_req *r)
{
    const struct desk_ship_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return desk_happen(r, id, CH_CALL(&desk_ship_row, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(in->courier),
                                 ch_p_text(in->tracking_no)));
}
