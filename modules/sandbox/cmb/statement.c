/* SPDX-License-Identifier: Apache-2.0
 * The bank statement that the unit's finance person sees. The remark has the code or PIN once the money has arrived. */
#include "modules/sandbox/cmb/cmb.h"

#include "core/base/clock.h"
#include "modules/sandbox/register.h"

#include <string.h>

enum ch_err sandbox_statement(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(
        r, CH_CALL(&sandbox_cmb_statement, ch_p_text(ch_query(r, "account")), ch_p_text(ch_query(r, "name"))), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "entries");
    for (int i = 0; i < rows.n; i++) {
        const char *state = ch_col(&rows, i, "state");
        bool there = strcmp(state, "booked") == 0 || strcmp(state, "returned") == 0;
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "at", ch_rfc3339(r->a, ch_col_int(&rows, i, "at")));
        ch_jw_text(&w, "payer", sandbox_register()->merchant_name);
        ch_jw_int(&w, "amount_fen", ch_col_int(&rows, i, "fen"));
        ch_jw_text(&w, "remark", there ? ch_col(&rows, i, "purpose") : "");
        ch_jw_text(&w, "account", ch_col(&rows, i, "account"));
        ch_jw_text(&w, "name", ch_col(&rows, i, "name"));
        ch_jw_text(&w, "state", state);
        ch_jw_text(&w, "reason", ch_col(&rows, i, "reason"));
        ch_jw_text(&w, "ref", ch_col(&rows, i, "req_nbr"));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
