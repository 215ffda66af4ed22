/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's short messages, newest first. */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/clock.h"
#include "sandbox_tencent_sql.h"

enum ch_err sandbox_inbox(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_tencent_sms_list, ch_p_text(ch_query(r, "phone"))), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "messages");
    for (int i = 0; i < rows.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "at", ch_rfc3339(r->a, ch_col_int(&rows, i, "at")));
        ch_jw_text(&w, "phone", ch_col(&rows, i, "phone"));
        ch_jw_text(&w, "sign", ch_col(&rows, i, "sign"));
        ch_jw_text(&w, "text", ch_col(&rows, i, "body"));
        ch_jw_text(&w, "template", ch_col(&rows, i, "template"));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
