/* SPDX-License-Identifier: Apache-2.0
 * The audit trail, and the jobs that are stuck, for auditors and administrators. */
#include "modules/office/office.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

enum ch_err office_audit(struct ch_req *r)
{
    const char *asked = ch_query(r, "subject"), *out;
    const char *subject = asked != NULL && *asked != '\0' ? asked : NULL, *number = NULL;

    if (subject != NULL && !ch_is_uuid(subject)) {
        number = ch_serial_bare(r->a, subject); /* it may have been copied with the blanks between its groups */
        subject = NULL;
    }
    if (number != NULL && (strlen(number) != 18 || strspn(number, "0123456789") != 18))
        return ch_refuse(&r->fault, CH_E_INVALID, "/subject", "请填写 18 位的业务单号，或者业务对象的编号（UUID）。");
    enum ch_err e = ch_run_text(r,
                                CH_CALL(&office_audit_rows, ch_p_text(subject), ch_p_text(number),
                                        ch_query_filter(r, "after"), ch_desk_page_size(r, 50)),
                                &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err office_outbox(struct ch_req *r)
{
    const char *out;
    enum ch_err e =
        ch_run_text(r, CH_CALL(&office_outbox_stuck, ch_query_filter(r, "after"), ch_desk_page_size(r, 50)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
