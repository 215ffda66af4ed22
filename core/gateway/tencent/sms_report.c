/* SPDX-License-Identifier: Apache-2.0
 * Reading delivery reports of short messages. */
#include "core/gateway/tencent/sms_report.h"

#include "core/base/clock.h"
#include "core/json/json.h"

#include <string.h>

/* The text of a member if it has at most `most` bytes, otherwise "". */
static const char *short_text(const struct ch_json *node, const char *key, size_t most)
{
    const char *s = ch_json_text(node, key);
    return s != NULL && strlen(s) <= most ? s : "";
}

static bool read_report(const struct ch_json *node, struct ch_sms_report *out)
{
    const char *status = short_text(node, "report_status", 16);
    int64_t at = ch_parse_beijing(short_text(node, "user_receive_time", 19));

    *out = (struct ch_sms_report){
        .serial = short_text(node, "sid", 128),
        .mobile = short_text(node, "mobile", 32),
        .delivered = strcmp(status, "SUCCESS") == 0,
        .error = short_text(node, "errmsg", 64),
        .description = short_text(node, "description", 256),
        .at = at > 0 ? at : 0,
    };
    return *out->serial != '\0' && (out->delivered || strcmp(status, "FAIL") == 0);
}

bool ch_sms_report_read(struct ch_arena *a, struct ch_bytes body, struct ch_sms_reports *out)
{
    struct ch_json *root = NULL;

    *out = (struct ch_sms_reports){0};
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK || root->kind != CH_JSON_ARRAY || root->count > CH_SMS_MAX_REPORTS)
        return false;
    struct ch_sms_report *rows = ch_alloc_array(a, root->count > 0 ? root->count : 1, sizeof *rows);
    size_t n = 0;
    for (const struct ch_json *node = root->first; node != NULL; node = node->next)
        if (!read_report(node, &rows[n++]))
            return false;
    *out = (struct ch_sms_reports){rows, n};
    return true;
}
