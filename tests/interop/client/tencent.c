/* SPDX-License-Identifier: Apache-2.0
 * The operations of Tencent Cloud's clients. */
#include "tests/interop/client/client.h"

#include "core/base/codec.h"
#include "core/gateway/tencent/faceid.h"
#include "core/gateway/tencent/ocr.h"
#include "core/gateway/tencent/sms.h"
#include "core/gateway/tencent/sms_report.h"

#include <string.h>

bool client_tencent_sms(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_sms sms = {
        .phone = client_text(in, "phone", "13800138223"),
        .sign = client_text(in, "sign", "示范"),
        .template_id = client_text(in, "template_id", "interop"),
        .params = {client_text(in, "param", "246810")},
        .session = client_text(in, "session", NULL),
    };
    struct ch_answer answer;
    const char *serial;

    if (ch_sms_send(a, f, &sms, &answer, &serial) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "serial", serial);
    return true;
}

bool client_tencent_phone(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_phone_result result;

    if (ch_faceid_phone_check(a, f, client_text(in, "name", "张三"), client_text(in, "id_no", "11010519491231002X"),
                              client_text(in, "phone", "13800138222"), &answer, &result) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "result", result.code);
    ch_jw_bool(out, "match", result.match == CH_PHONE_MATCH);
    return true;
}

bool client_tencent_licence(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_licence licence;
    struct ch_bytes image;

    if (!ch_unbase64(a, client_text(in, "image", ""), &image) || ch_ocr_licence(a, f, image, &answer, &licence) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "reg_num", licence.reg_num);
    ch_jw_text(out, "name", licence.name);
    ch_jw_text(out, "person", licence.person);
    ch_jw_text(out, "address", licence.address);
    ch_jw_text(out, "period", licence.period);
    ch_jw_int(out, "warnings", licence.warnings);
    return true;
}

bool client_tencent_sms_reports(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *body = client_text(in, "body", "");
    struct ch_sms_reports reports;

    (void)f;
    ch_jw_bool(out, "read", ch_sms_report_read(a, CH_BYTES(body, strlen(body)), &reports));
    ch_jw_array(out, "reports");
    for (size_t i = 0; i < reports.n; i++) {
        ch_jw_object(out, NULL);
        ch_jw_text(out, "serial", reports.rows[i].serial);
        ch_jw_text(out, "mobile", reports.rows[i].mobile);
        ch_jw_bool(out, "delivered", reports.rows[i].delivered);
        ch_jw_text(out, "error", reports.rows[i].error);
        ch_jw_int(out, "at", reports.rows[i].at);
        ch_jw_end_object(out);
    }
    ch_jw_end_array(out);
    return true;
}
