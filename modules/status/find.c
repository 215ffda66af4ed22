/* SPDX-License-Identifier: Apache-2.0
 * Sends the serial numbers of a unit's certificates to the agent on record, by message. The answer to the request does not even
 * tell whether there are any. */
#include "modules/status/status.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/form/rule.h"

struct find_in {
    const char *unit_name, *unit_code;
};

static const struct ch_field find_fields[] = {
    CH_IN_TEXT(struct find_in, unit_name, CH_REQUIRED, 2, 100, ch_rule_name),
    CH_IN_TEXT(struct find_in, unit_code, CH_REQUIRED, 18, 18, ch_rule_uscc),
};
const struct ch_input status_find_body = CH_INPUT(struct find_in, find_fields);

enum ch_err status_find(struct ch_req *r)
{
    const struct find_in *in = r->in;
    unsigned char unit[CH_SHA256_BYTES];

    ch_blind(ch_ring(), "unit_code", in->unit_code, unit);
    enum ch_err e = ch_run(r,
                           CH_CALL(&status_serials_ask, ch_p_text(ch_uuid7(r->a)), ch_p_bytes(CH_BYTES(unit, sizeof unit)),
                                   ch_p_text(in->unit_name), ch_p_int(r->a, ch_conf_int(CONF_SERIALS_UNIT)),
                                   ch_p_int(r->a, ch_conf_int(CONF_SERIALS_ADDRESS))),
                           NULL);
    return e == CH_OK ? ch_reply_json(r, 202, "{\"asked\":true}") : e;
}
