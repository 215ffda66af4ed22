/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/gateway/gateway.h"

#include "core/gateway/tencent/faceid.h"
#include "core/gateway/tencent/ocr.h"
#include "core/gateway/tencent/tencent.h"

enum ch_err check_sms(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    static const struct ch_tencent_service sms = {CH_V_SMS, "sms", "2021-01-11"};
    const struct ch_json *response;

    (void)argument;
    return ch_tencent_call(a, f, &sms, CH_ONE_TRY, "SendSms", "{}", answer, &response);
}

enum ch_err check_faceid(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_face_result result;

    (void)argument;
    return ch_faceid_result(a, f, "certhall-check", answer, &result);
}

enum ch_err check_ocr(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_card card;

    (void)argument;
    return ch_ocr_card(a, f, CH_CARD_FRONT, CH_BYTES("none", 4), answer, &card);
}
