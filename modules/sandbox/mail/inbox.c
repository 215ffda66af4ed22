/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's letter box: the e-mail that the mail server (main.c) has accepted, newest first. */
#include "modules/sandbox/mail/mail.h"

#include "core/base/clock.h"
#include "modules/sandbox/mail/read.h"
#include "sandbox_mail_sql.h"

enum ch_err sandbox_mails(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_mail_list, ch_p_text(ch_query(r, "address"))), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "mails");
    for (int i = 0; i < rows.n; i++) {
        struct mail_view m = mail_read(r->a, ch_col_bytes(&rows, r->a, i, "raw"));
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "at", ch_rfc3339(r->a, ch_col_int(&rows, i, "at")));
        ch_jw_text(&w, "from", m.from);
        ch_jw_text(&w, "to", ch_col(&rows, i, "rcpt"));
        ch_jw_text(&w, "subject", m.subject);
        ch_jw_text(&w, "text", m.text);
        ch_jw_text(&w, "message_id", m.message_id);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

const struct ch_route sandbox_mail_routes[] = {
    {"GET", "/sandbox/api/mails", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.mails", sandbox_mails},
    {0},
};
