/* SPDX-License-Identifier: Apache-2.0
 * SendSms: messages are put into the newcomer's inbox. */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "sandbox_tencent_sql.h"

#include <string.h>

#define DELIVERY_SECONDS 5

struct message {
    const char *phone; /* 11 digits */
    const char *sign, *template, *session;
    const struct ch_json *params; /* or NULL */
};

/* The 11 digits of a mainland number with or without +86, or NULL. */
static const char *mainland_number(const char *s)
{
    if (s != NULL && strncmp(s, "+86", 3) == 0)
        s += 3;
    bool good = s != NULL && strlen(s) == 11 && s[0] == '1' && strspn(s, "0123456789") == 11;
    return good ? s : NULL;
}

/* The highest n of the places {n} in a template. */
static size_t highest_place(const char *body)
{
    size_t most = 0;

    for (const char *p = body; (p = strchr(p, '{')) != NULL; p++) {
        size_t n = 0;
        const char *d = p + 1;
        for (; *d >= '0' && *d <= '9' && n < 100; d++)
            n = n * 10 + (size_t)(*d - '0');
        if (*d == '}' && n > most)
            most = n;
    }
    return most;
}

/* *code is the vendor's code for one number: "Ok", or why the message cannot be sent. */
static enum ch_err check_number(struct ch_req *r, const struct message *m, const char **code)
{
    struct ch_rows rows;
    bool undeliverable;
    enum ch_err e = sandbox_switched(r, "sms.undeliverable", &undeliverable);

    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_tencent_template_known, ch_p_text(m->template)), &rows);
    if (e != CH_OK)
        return e;
    const char *body = ch_col(&rows, 0, "body");
    size_t params = m->params != NULL ? m->params->count : 0;
    *code = "Ok";
    if (m->phone == NULL)
        *code = "InvalidParameterValue.IncorrectPhoneNumber";
    else if (undeliverable || strcmp(m->phone + 7, "9999") == 0)
        *code = "FailedOperation.PhoneNumberInBlacklist";
    else if (*m->sign == '\0')
        *code = "FailedOperation.SignatureIncorrectOrUnapproved";
    else if (body == NULL && !ch_col_bool(&rows, 0, "open"))
        *code = "FailedOperation.TemplateIncorrectOrUnapproved";
    else if (body != NULL && highest_place(body) != params)
        *code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate";
    return CH_OK;
}

static const char *params_json(struct ch_req *r, const struct ch_json *params)
{
    struct ch_jw w;

    if (params == NULL)
        return "[]";
    ch_jw_init(&w, r->a);
    ch_jw_node(&w, NULL, params);
    return ch_jw_done(&w);
}

/* Schedules the delivery report. It goes to the address that the customer has registered: the hall's, with its secret word. */
static enum ch_err report_later(struct ch_req *r, const struct message *m, const char *serial)
{
    const char *url = ch_printf(r->a, "%s/notify/sms/%s", ch_conf(CONF_ORIGIN), sandbox_register()->tencent_sms_report);
    bool failed;
    enum ch_err e = sandbox_switched(r, "sms.report_fail", &failed);

    if (e != CH_OK)
        return e;
    failed |= strcmp(m->phone + 7, "9998") == 0;
    struct ch_call later = CH_CALL(&sandbox_tencent_sms_report_later, ch_p_text(ch_uuid7(r->a)), ch_p_text(serial),
                                   ch_p_text(url), ch_p_bool(failed), ch_p_text(sandbox_scaled(r->a, DELIVERY_SECONDS)));
    return ch_run(r, later, NULL);
}

static enum ch_err send_one(struct ch_req *r, const struct message *m, const char *as_sent, struct ch_jw *w)
{
    const char *code, *serial = ch_printf(r->a, "2640:%s", ch_uuid7(r->a));
    enum ch_err e = check_number(r, m, &code);

    if (e != CH_OK)
        return e;
    bool good = strcmp(code, "Ok") == 0;
    if (good) {
        struct ch_call put = CH_CALL(&sandbox_tencent_sms_new, ch_p_text(serial), ch_p_text(m->phone), ch_p_text(m->sign),
                                     ch_p_text(m->template), ch_p_text(params_json(r, m->params)), ch_p_text(m->session));
        e = ch_run(r, put, NULL);
        if (e == CH_OK)
            e = report_later(r, m, serial);
    }
    ch_jw_object(w, NULL);
    ch_jw_text(w, "SerialNo", good ? serial : "");
    ch_jw_text(w, "PhoneNumber", as_sent);
    ch_jw_int(w, "Fee", good ? 1 : 0);
    ch_jw_text(w, "SessionContext", m->session != NULL ? m->session : "");
    ch_jw_text(w, "Code", code);
    ch_jw_text(w, "Message", good ? "send success" : "not sent");
    ch_jw_text(w, "IsoCode", "CN");
    ch_jw_end_object(w);
    return e;
}

/* The name of the parameter that makes the whole request unacceptable, or NULL. */
static const char *message_fault(const struct ch_json *in, const struct ch_json *phones, const struct ch_json *params)
{
    const char *session = ch_json_text(in, "SessionContext"), *app = ch_json_text(in, "SmsSdkAppId");

    if (phones == NULL || phones->kind != CH_JSON_ARRAY || phones->count < 1 || phones->count > 200)
        return "PhoneNumberSet";
    if (app == NULL || strcmp(app, sandbox_register()->tencent_sms_app) != 0)
        return "SmsSdkAppId";
    if (ch_json_text(in, "TemplateId") == NULL)
        return "TemplateId";
    if (params != NULL && params->kind != CH_JSON_ARRAY)
        return "TemplateParamSet";
    for (const struct ch_json *p = params != NULL ? params->first : NULL; p != NULL; p = p->next)
        if (p->kind != CH_JSON_STRING)
            return "TemplateParamSet";
    return session != NULL && strlen(session) >= 512 ? "SessionContext" : NULL;
}

enum ch_err tencent_send_sms(struct ch_req *r, const struct ch_json *in)
{
    const struct ch_json *phones = ch_json_get(in, "PhoneNumberSet"), *params = ch_json_get(in, "TemplateParamSet");
    const char *sign = ch_json_text(in, "SignName"), *fault = message_fault(in, phones, params);
    struct ch_jw w;
    enum ch_err e = CH_OK;

    if (fault != NULL)
        return tencent_refuse(
            r, strcmp(fault, "SmsSdkAppId") == 0 ? "UnauthorizedOperation.SmsSdkAppIdVerifyFail" : "InvalidParameterValue",
            fault);
    tencent_begin(r, &w);
    ch_jw_array(&w, "SendStatusSet");
    for (const struct ch_json *p = phones->first; p != NULL && e == CH_OK; p = p->next) {
        const char *as_sent = p->kind == CH_JSON_STRING ? p->text : NULL;
        struct message m = {mainland_number(as_sent), sign != NULL ? sign : "", ch_json_text(in, "TemplateId"),
                            ch_json_text(in, "SessionContext"), params};
        e = send_one(r, &m, as_sent, &w);
    }
    ch_jw_end_array(&w);
    return e == CH_OK ? tencent_end(r, &w) : e;
}

struct callback_in {
    const char *url;
};
static const char *rule_url(const char *s)
{
    return strncmp(s, "http://127.", 11) == 0 ? NULL : "沙箱只向本机地址发送报告。";
}
static const struct ch_field callback_fields[] = {
    CH_IN_TEXT(struct callback_in, url, CH_OPTIONAL, 1, 255, rule_url),
};
const struct ch_input sandbox_sms_callback_body = CH_INPUT(struct callback_in, callback_fields);

enum ch_err sandbox_sms_callback_set(struct ch_req *r)
{
    const struct callback_in *in = r->in;
    enum ch_err e = in->url != NULL ? ch_run(r, CH_CALL(&sandbox_tencent_sms_callback_set, ch_p_text(in->url)), NULL)
                                    : ch_run(r, CH_CALL0(&sandbox_tencent_sms_callback_end), NULL);

    return e == CH_OK ? ch_reply_empty(r) : e;
}
