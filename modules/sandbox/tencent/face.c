/* SPDX-License-Identifier: Apache-2.0
 * faceid: the two calls of the liveness check, and the carrier check of name, ID number and phone.
 *
 * Any person with well-formed numbers counts as real, except for the special endings of a phone number (README.md). */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/form/rule.h"
#include "modules/sandbox/papers/paper.h"
#include "modules/sandbox/register.h"
#include "sandbox_tencent_sql.h"

#include <string.h>

static bool is_known_rule(const struct ch_json *in)
{
    return strcmp(sandbox_text(in, "RuleId"), sandbox_register()->tencent_rule) == 0;
}

/* A token as hard to guess as the vendor's. */
static char *random_token(struct ch_req *r)
{
    unsigned char raw[24];

    ch_random(raw, sizeof raw);
    return ch_hex(r->a, CH_BYTES(raw, sizeof raw));
}

enum ch_err tencent_detect_auth(struct ch_req *r, const struct ch_json *in)
{
    const char *url = sandbox_text(in, "RedirectUrl"), *page = random_token(r), *biz = ch_uuid7(r->a);
    struct ch_jw w;

    if (!is_known_rule(in))
        return tencent_refuse(r, "InvalidParameterValue.RuleIdNotExist", "the RuleId does not exist");
    if (*sandbox_text(in, "Name") == '\0' || ch_rule_idcard(sandbox_text(in, "IdCard")) != NULL)
        return tencent_refuse(r, "InvalidParameterValue", "IdCard or Name is not valid");
    if (strlen(url) > 1024 || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
        return tencent_refuse(r, "InvalidParameterValue", "RedirectUrl is not valid");
    struct ch_call put =
        CH_CALL(&sandbox_tencent_face_new, ch_p_text(biz), ch_p_text(page), ch_p_text(sandbox_text(in, "Name")),
                ch_p_text(sandbox_text(in, "IdCard")), ch_p_text(url), ch_p_text(sandbox_text(in, "Extra")));
    enum ch_err e = ch_run(r, put, NULL);
    if (e != CH_OK)
        return e;
    tencent_begin(r, &w);
    ch_jw_text(&w, "Url", ch_printf(r->a, "http://%s/h5/%s", ch_fcgi(r, "HTTP_HOST"), page));
    ch_jw_text(&w, "BizToken", biz);
    return tencent_end(r, &w);
}

static void put_text(struct ch_jw *w, const struct ch_rows *row)
{
    const char *code = ch_col(row, 0, "code");
    bool passed = code != NULL && strcmp(code, "0") == 0;

    ch_jw_object(w, "Text");
    ch_jw_raw(w, "ErrCode", code);
    ch_jw_text(w, "ErrMsg", ch_col(row, 0, "message"));
    ch_jw_text(w, "IdCard", ch_col(row, 0, "id_no"));
    ch_jw_text(w, "Name", ch_col(row, 0, "name"));
    ch_jw_raw(w, "LiveStatus", code);
    ch_jw_text(w, "Sim", passed ? "92.50" : NULL);
    ch_jw_text(w, "Extra", ch_col(row, 0, "extra"));
    ch_jw_end_object(w);
}

enum ch_err tencent_detect_info(struct ch_req *r, const struct ch_json *in)
{
    const char *info = sandbox_text(in, "InfoType");
    struct ch_rows rows;
    struct ch_jw w;

    if (!is_known_rule(in))
        return tencent_refuse(r, "InvalidParameterValue.RuleIdNotExist", "the RuleId does not exist");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_tencent_face_get, ch_p_text(sandbox_text(in, "BizToken"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return tencent_refuse(r, "InvalidParameterValue.BizTokenIllegal", "the BizToken does not exist");
    if (ch_col_bool(&rows, 0, "expired"))
        return tencent_refuse(r, "InvalidParameterValue.BizTokenExpired", "the BizToken has expired");
    bool all = *info == '\0' || strchr(info, '0') != NULL;
    const char *code = ch_col(&rows, 0, "code");
    tencent_begin(r, &w);
    if (all || strchr(info, '1') != NULL)
        put_text(&w, &rows);
    ch_jw_object(&w, "BestFrame");
    bool framed = (all || strchr(info, '3') != NULL) && code != NULL && strcmp(code, "0") == 0;
    ch_jw_text(&w, "BestFrame", framed ? ch_base64(r->a, sandbox_draw_face(r->a)) : NULL);
    ch_jw_end_object(&w);
    return tencent_end(r, &w);
}

struct verdict {
    const char *result, *description, *detail;
};

static struct verdict verdict_of(const char *name, const char *id_no, const char *phone)
{
    static const struct {
        const char *ending;
        struct verdict verdict;
    } special[] = {
        {"0000", {"-4", "信息不一致", "PhoneNameMismatch"}},
        {"0001", {"-4", "信息不一致", "PhoneIdCardMismatch"}},
        {"0009", {"-9", "没有记录", ""}},
        {"0011", {"-11", "验证中心服务繁忙", ""}},
        {"0012", {"-12", "认证次数超过当日限制", ""}},
    };
    if (ch_rule_mobile(phone) != NULL)
        return (struct verdict){"-6", "手机号格式不正确", ""};
    if (ch_rule_idcard(id_no) != NULL)
        return (struct verdict){"-7", "身份证号码有误", ""};
    if (*name == '\0')
        return (struct verdict){"-8", "姓名校验不通过", ""};
    for (size_t i = 0; i < CH_COUNT(special); i++)
        if (strcmp(phone + 7, special[i].ending) == 0)
            return special[i].verdict;
    return (struct verdict){"0", "认证通过", ""};
}

/* The carrier of a number, roughly by its first three digits. */
static const char *isp_of(const char *phone)
{
    static const char unicom[] = "130 131 132 145 155 156 166 171 175 176 185 186 196 ";
    static const char telecom[] = "133 149 153 173 177 180 181 189 190 191 193 199 ";
    char head[5] = {phone[0], phone[1], phone[2], ' ', '\0'};

    if (strstr(unicom, head) != NULL)
        return "联通";
    return strstr(telecom, head) != NULL ? "电信" : "移动";
}

enum ch_err tencent_phone_verification(struct ch_req *r, const struct ch_json *in)
{
    const char *phone = sandbox_text(in, "Phone");
    struct verdict v = verdict_of(sandbox_text(in, "Name"), sandbox_text(in, "IdCard"), phone);
    bool detailed = strcmp(sandbox_text(in, "VerifyMode"), "1") == 0;
    struct ch_jw w;

    tencent_begin(r, &w);
    ch_jw_text(&w, "Result", v.result);
    ch_jw_text(&w, "Description", v.description);
    ch_jw_text(&w, "Isp", strcmp(v.result, "-6") == 0 ? "" : isp_of(phone));
    ch_jw_text(&w, "ResultDetail", detailed ? v.detail : "");
    return tencent_end(r, &w);
}
