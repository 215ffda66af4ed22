/* SPDX-License-Identifier: Apache-2.0
 * The audit trail, and the jobs that are stuck, for auditors and administrators. */
#include "modules/office/office.h"

#include "core/base/random.h"

enum ch_err office_audit(struct ch_req *r)
{
    const char *subject = ch_query(r, "subject"), *out;

    if (subject != NULL && !ch_is_uuid(subject))
        subject = NULL;
    enum ch_err e = ch_run_text(
        r, CH_CALL(&office_audit_rows, ch_p_text(subject), ch_query_filter(r, "after"), ch_desk_page_size(r, 50)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err office_outbox(struct ch_req *r)
{
    const char *out;
    enum ch_err e =
        ch_run_text(r, CH_CALL(&office_outbox_stuck, ch_query_filter(r, "after"), ch_desk_page_size(r, 50)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
