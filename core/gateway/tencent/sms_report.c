/* SPDX-License-Identifier: Apache-2.0 */
#include "core/gateway/tencent/sms_report.h"

#include "core/base/clock.h"
#include "core/json/json.h"

#include <string.h>

/* A member of at most `most` bytes; what is longer or no text is not worth showing. */
static const char *text(const struct ch_json *node, const char *key, size_t most)
{
    const char *s = ch_json_text(node, key);
    return s != NULL && strlen(s) <= most ? s : "";
}

/* "2026-01-02 15:04:05", Beijing time. */
static int64_t time_of(struct ch_arena *a, const char *s)
{
    if (strlen(s) != 19 || s[10] != ' ')
        return 0;
    int64_t at = ch_parse_rfc3339(ch_printf(a, "%.10sT%s+08:00", s, s + 11));
    return at > 0 ? at : 0;
}

static bool read_one(struct ch_arena *a, const struct ch_json *node, struct ch_sms_report *out)
{
    const char *status = text(node, "report_status", 16);

    *out = (struct ch_sms_report){
        .serial = text(node, "sid", 128),
        .mobile = text(node, "mobile", 32),
        .delivered = strcmp(status, "SUCCESS") == 0,
        .error = text(node, "errmsg", 64),
        .description = text(node, "description", 256),
        .at = time_of(a, text(node, "user_receive_time", 19)),
    };
    return *out->serial != '\0' && (out->delivered || strcmp(status, "FAIL") == 0);
}

bool ch_sms_report_read(struct ch_arena *a, struct ch_bytes body, struct ch_sms_reports *out)
{
    struct ch_json *root = NULL;

    *out = (struct ch_sms_reports){0};
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK || root->kind != CH_JSON_ARRAY ||
        root->count > CH_SMS_MAX_REPORTS)
        return false;
    struct ch_sms_report *rows = ch_alloc_array(a, root->count > 0 ? root->count : 1, sizeof *rows);
    size_t n = 0;
    for (const struct ch_json *node = root->first; node != NULL; node = node->next)
        if (!read_one(a, node, &rows[n++]))
            return false;
    *out = (struct ch_sms_reports){rows, n};
    return true;
}
