/* SPDX-License-Identifier: Apache-2.0
 * Sending short messages through Tencent Cloud sms. */
#include "core/gateway/tencent/sms.h"

#include "core/gateway/tencent/tencent.h"

#include <string.h>

static const struct ch_tencent_service service = {CH_V_SMS, "sms", "2021-01-11"};

/* Reads the status of our number, which may be a refusal although the answer as a whole is not. */
static void read_status(const struct ch_json *response, struct ch_answer *answer, const char **serial)
{
    const struct ch_json *set = ch_json_get(response, "SendStatusSet");
    const struct ch_json *status = set != NULL && set->kind == CH_JSON_ARRAY ? set->first : NULL;
    const char *code = ch_json_text(status, "Code"), *message = ch_json_text(status, "Message");

    if (code == NULL) {
        *answer = CH_BAD_ANSWER("no status of the number in the answer");
    } else if (strcmp(code, "Ok") == 0) {
        *serial = ch_json_text(status, "SerialNo");
    } else {
        bool short_limit = strcmp(code, "LimitExceeded.PhoneNumberThirtySecondLimit") == 0 ||
                           strcmp(code, "LimitExceeded.PhoneNumberOneHourLimit") == 0;
        answer->outcome = short_limit ? CH_UNKNOWN : CH_REFUSED;
        answer->code = code;
        answer->message = message != NULL ? message : "";
    }
}

enum ch_err ch_sms_send(struct ch_arena *a, struct ch_fault *f, const struct ch_sms *sms, struct ch_answer *answer,
                        const char **serial)
{
    const struct ch_json *response;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "PhoneNumberSet");
    ch_jw_text(&w, NULL, ch_printf(a, "+86%s", sms->phone));
    ch_jw_end_array(&w);
    ch_jw_text(&w, "SmsSdkAppId", ch_conf(CONF_TC_SMS_APP));
    ch_jw_text(&w, "TemplateId", sms->template_id);
    ch_jw_text(&w, "SignName", sms->sign);
    ch_jw_array(&w, "TemplateParamSet");
    for (const char *const *p = sms->params; *p != NULL; p++)
        ch_jw_text(&w, NULL, *p);
    ch_jw_end_array(&w);
    if (sms->session != NULL)
        ch_jw_text(&w, "SessionContext", sms->session);
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_ONE_TRY, "SendSms", ch_jw_done(&w), answer, &response);

    *serial = NULL;
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        read_status(response, answer, serial);
    return e;
}
