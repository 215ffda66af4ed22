/* SPDX-License-Identifier: Apache-2.0
 * Finds a certificate by its serial number. The answer is masked; of a certificate that is not the account's own it contains
 * only what anybody may know. */
#include "modules/reissue/reissue.h"

#include "core/base/config.h"
#include "core/form/rule.h"

static const struct ch_field find_fields[] = {
    CH_IN_TEXT(struct reissue_find_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
};
const struct ch_input reissue_find_body = CH_INPUT(struct reissue_find_in, find_fields);

enum ch_err reissue_find(struct ch_req *r)
{
    const struct reissue_find_in *in = r->in;
    const char *out;

    enum ch_err e = ch_run_text(r,
                                CH_CALL(&reissue_find_row, ch_p_text(ch_serial_bare(r->a, in->serial)),
                                        ch_p_int(r->a, ch_conf_int(CONF_STATUS_LIMIT))),
                                &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
