/* SPDX-License-Identifier: Apache-2.0
 * Liveness check and carrier check through Tencent Cloud faceid. */
#include "core/gateway/tencent/faceid.h"

#include "core/gateway/tencent/tencent.h"

#include <string.h>

#define NOT_FINISHED 17

static const struct ch_tencent_service service = {CH_V_FACEID, "faceid", "2018-03-01"};

enum ch_err ch_faceid_begin(struct ch_arena *a, struct ch_fault *f, const struct ch_face_request *req,
                            struct ch_answer *answer, struct ch_face_session *session)
{
    const struct ch_json *response;
    struct ch_jw w;

    *session = (struct ch_face_session){0};
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "RuleId", ch_conf(CONF_TC_FACEID_RULE));
    ch_jw_text(&w, "IdCard", req->id_no);
    ch_jw_text(&w, "Name", req->name);
    ch_jw_text(&w, "RedirectUrl", req->redirect_url);
    ch_jw_text(&w, "Extra", req->extra);
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "DetectAuth", ch_jw_done(&w), answer, &response);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    session->url = ch_json_text(response, "Url");
    session->biz_token = ch_json_text(response, "BizToken");
    if (session->url == NULL || session->biz_token == NULL)
        *answer = CH_BAD_ANSWER("no Url or BizToken in the answer");
    return CH_OK;
}

static void read_result(const struct ch_json *response, struct ch_face_result *out)
{
    const struct ch_json *text = ch_json_get(response, "Text");

    out->message = ch_or_empty(ch_json_text(text, "ErrMsg"));
    out->name = ch_or_empty(ch_json_text(text, "Name"));
    out->id_no = ch_or_empty(ch_json_text(text, "IdCard"));
    out->extra = ch_or_empty(ch_json_text(text, "Extra"));
    if (!ch_json_int(text, "ErrCode", &out->code) || out->code == NOT_FINISHED)
        out->state = CH_FACE_WAITING; /* ErrCode is null until the flow has ended */
    else
        out->state = out->code == 0 ? CH_FACE_PASSED : CH_FACE_FAILED;
}

enum ch_err ch_faceid_result(struct ch_arena *a, struct ch_fault *f, const char *biz_token, struct ch_answer *answer,
                             struct ch_face_result *result)
{
    const struct ch_json *response;
    struct ch_jw w;

    *result = (struct ch_face_result){.message = "", .name = "", .id_no = "", .extra = ""};
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "BizToken", biz_token);
    ch_jw_text(&w, "RuleId", ch_conf(CONF_TC_FACEID_RULE));
    ch_jw_text(&w, "InfoType", "1"); /* the verdict; without 3, the best frame, no picture comes here */
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "GetDetectInfoEnhanced", ch_jw_done(&w), answer, &response);
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        read_result(response, result);
    return e;
}

static enum ch_phone_match match_of(const char *code)
{
    static const struct {
        const char *code;
        enum ch_phone_match match;
    } codes[] = {
        {"0", CH_PHONE_MATCH},      {"-4", CH_PHONE_MISMATCH},  {"-6", CH_PHONE_BAD_INPUT},
        {"-7", CH_PHONE_BAD_INPUT}, {"-8", CH_PHONE_BAD_INPUT}, {"-9", CH_PHONE_NO_RECORD},
        {"-11", CH_PHONE_LATER},    {"-12", CH_PHONE_LATER},    {"-13", CH_PHONE_NO_RECORD},
    };
    for (size_t i = 0; i < CH_COUNT(codes); i++)
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].match;
    return CH_PHONE_UNPROVED;
}

enum ch_err ch_faceid_phone_check(struct ch_arena *a, struct ch_fault *f, const char *name, const char *id_no,
                                  const char *phone, struct ch_answer *answer, struct ch_phone_result *result)
{
    const struct ch_json *response;
    struct ch_jw w;

    *result = (struct ch_phone_result){CH_PHONE_UNPROVED, "", "", ""};
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "IdCard", id_no);
    ch_jw_text(&w, "Name", name);
    ch_jw_text(&w, "Phone", phone);
    ch_jw_text(&w, "VerifyMode", "1");
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "PhoneVerification", ch_jw_done(&w), answer, &response);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    result->code = ch_or_empty(ch_json_text(response, "Result"));
    result->detail = ch_or_empty(ch_json_text(response, "ResultDetail"));
    result->isp = ch_or_empty(ch_json_text(response, "Isp"));
    result->match = match_of(result->code);
    if (result->match == CH_PHONE_LATER) {
        answer->outcome = CH_UNKNOWN;
        answer->code = result->code;
        answer->message = ch_or_empty(ch_json_text(response, "Description"));
    }
    return CH_OK;
}
