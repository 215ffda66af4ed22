/* SPDX-License-Identifier: Apache-2.0
 * Tencent Cloud's delivery reports of short messages: a JSON array that is not signed. */
#include "core/base/clock.h"
#include "modules/sandbox/notifier.h"
#include "sandbox_tencent_sql.h"

#include <string.h>

/* The vendor does not document how often it repeats a report; these waits are ours. */
static const int retry_seconds[] = {60, 60, 60};

static bool make_request(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct ch_http_request *req)
{
    const struct ch_json *failed = ch_json_get(n->facts, "failed");
    bool good = failed == NULL || !failed->truth;
    struct ch_rows row;
    struct ch_jw w;

    if (ch_db_one(db, a, NULL, CH_CALL(&sandbox_tencent_sms_reported, ch_p_text(n->about)), &row) != CH_OK || row.n != 1)
        return false;
    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "user_receive_time", ch_beijing(a, ch_now_ms() / 1000, "%Y-%m-%d %H:%M:%S"));
    ch_jw_text(&w, "nationcode", "86");
    ch_jw_text(&w, "mobile", ch_col(&row, 0, "phone"));
    ch_jw_text(&w, "report_status", good ? "SUCCESS" : "FAIL");
    ch_jw_text(&w, "errmsg", good ? "DELIVRD" : "MK:0001");
    ch_jw_text(&w, "description", good ? "用户短信送达成功" : "手机号码为空号");
    ch_jw_text(&w, "sid", n->about);
    if (ch_col(&row, 0, "session") != NULL)
        ch_jw_text(&w, "session_context", ch_col(&row, 0, "session"));
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    const char *body = ch_jw_done(&w);
    req->headers[0] = "Content-Type: application/json";
    req->body = CH_BYTES(body, strlen(body));
    return true;
}

static bool is_acknowledged(const struct ch_http_response *res)
{
    return res->status == 200;
}

const struct sandbox_notifier sandbox_notify_tencent = {"tencent", retry_seconds, CH_COUNT(retry_seconds), make_request,
                                                        is_acknowledged};
