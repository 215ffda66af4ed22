/* SPDX-License-Identifier: Apache-2.0
 * Delivery reports of short messages. They are not signed: a secret word in the address admits them, and what they report is
 * only displayed. */
#include "modules/notify/notify.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/crypto/digest.h"
#include "core/gateway/keys.h"
#include "core/gateway/tencent/sms_report.h"

#include <string.h>

#define SHORTEST_WORD 16

/* A word that is shorter than SHORTEST_WORD admits nothing; so does one that is not configured. */
static bool has_secret_word(const struct ch_req *r)
{
    const char *word = *ch_conf(CONF_TC_SMS_REPORT) != '\0' ? ch_keys_secret(CONF_TC_SMS_REPORT) : NULL;
    const char *given = ch_var(r, "word");

    return word != NULL && strlen(word) >= SHORTEST_WORD &&
           ch_same(CH_BYTES(word, strlen(word)), CH_BYTES(given, strlen(given)));
}

static enum ch_err record_report(struct ch_req *r, const struct ch_sms_report *report)
{
    const char *at = report->at > 0 ? ch_rfc3339(r->a, report->at) : NULL;
    const char *words = *report->description != '\0' ? report->description : report->error;

    return ch_run(r,
                  CH_CALL(&notify_message_report, ch_p_text(report->serial), ch_p_bool(report->delivered),
                          ch_p_text(words), ch_p_text(at)),
                  NULL);
}

enum ch_err notify_sms(struct ch_req *r)
{
    struct ch_sms_reports reports;
    enum ch_err e = CH_OK;

    if (!has_secret_word(r))
        return ch_fail(r, CH_E_NOT_FOUND, "delivery report with a wrong word");
    if (!ch_sms_report_read(r->a, r->raw, &reports))
        return ch_fail(r, CH_E_MALFORMED, "delivery report is not understood");
    for (size_t i = 0; i < reports.n && e == CH_OK; i++)
        e = record_report(r, &reports.rows[i]);
    return e == CH_OK ? ch_reply_json(r, 200, CH_SMS_REPORT_TAKEN) : e;
}
