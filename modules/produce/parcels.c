/* SPDX-License-Identifier: Apache-2.0
 * Ordering a parcel at a courier, and cancelling it. The runner talks to the courier (programs/runner/parcel.c). */
#include "modules/produce/produce.h"

static const struct ch_field parcel_fields[] = {
    CH_IN_INT(struct produce_parcel_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct produce_parcel_in, courier, CH_REQUIRED, 2, 8, NULL),
};
const struct ch_input produce_parcel_body = CH_INPUT(struct produce_parcel_in, parcel_fields);

/* Runs an event and answers with the parcels of the order as they then are. */
static enum ch_err apply_parcel_event(struct ch_req *r, const char *id, struct ch_call event)
{
    const struct ch_call calls[] = {event, CH_CALL(&produce_parcels, ch_p_text(id))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_out(r, 200, &rows[1]) : e;
}

enum ch_err produce_parcel_ask(struct ch_req *r)
{
    const struct produce_parcel_in *in = r->in;
    const char *id = ch_var(r, "id");

    return apply_parcel_event(
        r, id, CH_CALL(&produce_parcel_ask_row, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(in->courier)));
}

enum ch_err produce_parcel_cancel(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *id = ch_var(r, "id");

    return apply_parcel_event(r, id, CH_CALL(&produce_parcel_cancel_row, ch_p_text(id), ch_p_int(r->a, in->version)));
}
