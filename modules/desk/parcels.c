/* SPDX-License-Identifier: Apache-2.0
 * What leaves the house by post or wire: parcels ordered at a courier, messages sent once more. The runner does both. */
#include "modules/desk/desk.h"

enum ch_err desk_parcels(struct ch_req *r)
{
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&desk_parcels_json, ch_p_text(id)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* Answers with the parcels of the order as they then stand. */
static enum ch_err happen(struct ch_req *r, const char *id, struct ch_call event)
{
    const struct ch_call calls[] = {event, CH_CALL(&desk_parcels_json, ch_p_text(id))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_json(r, 200, ch_col(&rows[1], 0, "out")) : e;
}

enum ch_err desk_parcel_ask(struct ch_req *r)
{
    const struct desk_parcel_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return happen(r, id, CH_CALL(&desk_parcel_ask_row, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(in->courier)));
}

enum ch_err desk_parcel_cancel(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    return happen(r, id, CH_CALL(&desk_parcel_cancel_row, ch_p_text(id), ch_p_int(r->a, in->version)));
}

enum ch_err desk_message_send(struct ch_req *r)
{
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_message_send_row, ch_p_text(id)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
