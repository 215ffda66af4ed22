/* SPDX-License-Identifier: Apache-2.0
 * The appointment at an outlet, in place of the phone's camera: made, moved and cancelled on the phone, or by the applicant on the PC. What
 * the outlet's clerk finds is module counter's. */
#include "modules/identity/identity.h"

#include "core/base/clock.h"
#include "core/base/random.h"

static const char *rule_time(const char *s)
{
    return ch_parse_rfc3339(s) >= 0 ? NULL : "请选择时段。";
}

static const struct ch_field fields[] = {
    CH_IN_TEXT(struct identity_appointment_in, outlet, CH_REQUIRED, 1, 32, NULL),
    CH_IN_TEXT(struct identity_appointment_in, at, CH_REQUIRED, 20, 25, rule_time),
};
const struct ch_input identity_appointment_body = CH_INPUT(struct identity_appointment_in, fields);

/* The order of the path; a phone's link needs none (NULL). */
static struct ch_param order_of(struct ch_req *r)
{
    return ch_p_text(ch_var(r, "id"));
}

enum ch_err identity_appointment(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&identity_appointment_view, order_of(r), ch_query_filter(r, "outlet")), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err identity_appointment_put(struct ch_req *r)
{
    const struct identity_appointment_in *in = r->in;
    enum ch_err e = ch_run(r,
                           CH_CALL(&identity_appointment_row, ch_p_text(ch_uuid7(r->a)), order_of(r),
                                   ch_p_text(in->outlet), ch_p_text(in->at)),
                           NULL);

    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err identity_appointment_cancel(struct ch_req *r)
{
    enum ch_err e = ch_run(r, CH_CALL(&identity_appointment_end, order_of(r)), NULL);

    return e == CH_OK ? ch_reply_empty(r) : e;
}
