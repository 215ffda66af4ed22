/* SPDX-License-Identifier: Apache-2.0
 * When a certificate can be renewed, and when the old one ends. */
#include "modules/renew/renew.h"

#include "core/base/config.h"
#include "core/form/rule.h"
#include "renew_sql.h"

#include <string.h>

/* What the link of a reminder shows without a log-in: no more than the page on serial numbers, and from when on it can be renewed. */
enum ch_err renew_window(struct ch_req *r)
{
    const char *serial = ch_query(r, "serial"), *out;
    const char *wrong = serial != NULL && strlen(serial) <= 64 ? ch_rule_serial(serial) : "请输入证书序列号。";

    if (wrong != NULL) {
        ch_wrong(r, "/serial", "invalid", wrong);
        return ch_fail(r, CH_E_INVALID, "serial number");
    }
    enum ch_err e = ch_run_text(r,
                                CH_CALL(&renew_window_row, ch_p_text(ch_serial_bare(r->a, serial)),
                                        ch_p_int(r->a, ch_conf_int(CONF_STATUS_LIMIT))),
                                &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const struct ch_field day_fields[] = {
    CH_IN_INT(struct renew_day_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct renew_day_in, on, CH_OPTIONAL, 10, 10, ch_rule_date),
};
const struct ch_input renew_day_body = CH_INPUT(struct renew_day_in, day_fields);

enum ch_err renew_day(struct ch_req *r)
{
    const struct renew_day_in *in = r->in;
    const char *id = ch_var(r, "id");
    const struct ch_call call = CH_CALL(&renew_set_day, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(in->on));

    return ch_order_after(r, 200, id, &call, 1);
}
