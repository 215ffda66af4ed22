/* SPDX-License-Identifier: Apache-2.0
 * Tencent Cloud API 3.0: the checks of signature, action and parameters, which are the same for all services. */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/tencent/tc3.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define FACE_OPTIONAL "ImageBase64 Encryption IntentionVerifyText IntentionQuestions Config RuleIdExtra"

static const struct tencent_action actions[] = {
    {"127.0.0.12", "sms", "2021-01-11", "SendSms", "PhoneNumberSet SmsSdkAppId TemplateId",
     "SignName TemplateParamSet ExtendCode SessionContext SenderId", tencent_send_sms},
    {"127.0.0.13", "faceid", "2018-03-01", "DetectAuth", "RuleId", "IdCard Name RedirectUrl Extra " FACE_OPTIONAL,
     tencent_detect_auth},
    {"127.0.0.13", "faceid", "2018-03-01", "GetDetectInfoEnhanced", "BizToken RuleId",
     "InfoType BestFramesCount IsCutIdCardImage IsNeedIdCardAvatar IsEncrypt Encryption IsEncryptResponse",
     tencent_detect_info},
    {"127.0.0.13", "faceid", "2018-03-01", "PhoneVerification", "IdCard Name Phone",
     "VerifyMode CiphertextBlob EncryptList Iv Encryption", tencent_phone_verification},
    {"127.0.0.14", "ocr", "2018-11-19", "IDCardOCR", "",
     "ImageBase64 ImageUrl CardSide Config EnableRecognitionRectify EnableReflectDetect CardWarnType", tencent_idcard_ocr},
    {"127.0.0.14", "ocr", "2018-11-19", "BizLicenseOCR", "",
     "ImageBase64 ImageUrl EnableCopyWarn EnablePeriodComplete EnableBusinessCertificate", tencent_licence_ocr},
};

void tencent_begin(struct ch_req *r, struct ch_jw *w)
{
    ch_jw_init(w, r->a);
    ch_jw_object(w, NULL);
    ch_jw_object(w, "Response");
}

enum ch_err tencent_end(struct ch_req *r, struct ch_jw *w)
{
    ch_jw_text(w, "RequestId", ch_uuid7(r->a));
    ch_jw_end_object(w);
    ch_jw_end_object(w);
    return sandbox_answer(r, 200, "application/json", ch_jw_done(w));
}

enum ch_err tencent_refuse(struct ch_req *r, const char *code, const char *message)
{
    struct ch_jw w;

    tencent_begin(r, &w);
    ch_jw_object(&w, "Error");
    ch_jw_text(&w, "Code", code);
    ch_jw_text(&w, "Message", message);
    ch_jw_end_object(&w);
    return tencent_end(r, &w);
}

/* Reads the headers that the client has signed, with the values received; false when one is missing. */
static bool read_signed_headers(struct ch_req *r, const char *names, const char *host, struct ch_tc3 *t)
{
    size_t n = 0;
    char *list = ch_strdup(r->a, names), *name;

    while ((name = strsep(&list, ";")) != NULL) {
        const char *value = NULL;
        if (n == CH_TC3_MAX_HEADERS)
            return false;
        if (strcmp(name, "content-type") == 0)
            value = ch_fcgi(r, "CONTENT_TYPE");
        else if (strcmp(name, "host") == 0)
            value = host;
        else if (strcmp(name, "x-tc-action") == 0)
            value = ch_fcgi(r, "HTTP_X_TC_ACTION");
        if (value == NULL || *value == '\0')
            return false;
        t->headers[n++] = (struct ch_tc3_header){name, value};
    }
    return strstr(names, "content-type") != NULL && strstr(names, "host") != NULL;
}

static bool signature_fits(struct ch_req *r, const struct ch_tc3_credential *c, int64_t timestamp, const char *host)
{
    struct ch_tc3 t = {
        .secret_id = c->secret_id,
        .secret_key = sandbox_register()->tencent_secret_key,
        .service = c->service,
        .timestamp = timestamp,
        .payload = r->raw,
    };
    if (!read_signed_headers(r, c->signed_headers, host, &t))
        return false;
    const char *right = ch_tc3_signature(r->a, &t);
    return ch_same(CH_BYTES(right, strlen(right)), CH_BYTES(c->signature, strlen(c->signature)));
}

struct refusal {
    const char *code, *message;
};

/* The official SDK for Node.js signs the host without its port but sends it with the port, so both forms are tried. */
static struct refusal check_signature(struct ch_req *r, const char *service)
{
    const char *host = ch_fcgi(r, "HTTP_HOST"), *bare = ch_strndup(r->a, host, strcspn(host, ":"));
    const char *stamp = ch_fcgi(r, "HTTP_X_TC_TIMESTAMP");
    struct ch_tc3_credential c;
    char *end;
    long long at = strtoll(stamp, &end, 10);

    if (*stamp == '\0' || *end != '\0')
        return (struct refusal){"MissingParameter", "X-TC-Timestamp is missing"};
    if (llabs(ch_now_ms() / 1000 - at) > CH_TC3_WINDOW)
        return (struct refusal){"AuthFailure.SignatureExpire", "the signature has expired"};
    if (!ch_tc3_read_authorization(r->a, ch_fcgi(r, "HTTP_AUTHORIZATION"), &c))
        return (struct refusal){"AuthFailure.InvalidAuthorization", "the Authorization header is malformed"};
    if (strcmp(c.secret_id, sandbox_register()->tencent_secret_id) != 0)
        return (struct refusal){"AuthFailure.SecretIdNotFound", "the SecretId does not exist"};
    /* Clients take the service from the first label of the host: "sms", or "127" when the host is an IP address. */
    if ((strcmp(c.service, service) != 0 && strcmp(c.service, "127") != 0) ||
        strcmp(c.date, ch_utc(r->a, at, "%Y-%m-%d")) != 0)
        return (struct refusal){"AuthFailure.InvalidAuthorization", "the credential scope does not fit service and date"};
    if (!signature_fits(r, &c, at, host) && !signature_fits(r, &c, at, bare))
        return (struct refusal){"AuthFailure.SignatureFailure", "the provided credentials could not be validated"};
    return (struct refusal){NULL, NULL};
}

static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = list; (p = strstr(p, word)) != NULL; p += n)
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

static struct refusal check_parameters(struct ch_req *r, const struct tencent_action *act, const struct ch_json *in)
{
    char *list = ch_strdup(r->a, act->required), *name;

    for (const struct ch_json *m = in->first; m != NULL; m = m->next)
        if (!is_listed(act->required, m->key) && !is_listed(act->optional, m->key))
            return (struct refusal){"UnknownParameter", ch_printf(r->a, "The parameter `%s` is not recognized.", m->key)};
    while ((name = strsep(&list, " ")) != NULL)
        if (*name != '\0' && ch_json_get(in, name) == NULL)
            return (struct refusal){"MissingParameter",
                                    ch_printf(r->a, "The request is missing a required parameter `%s`.", name)};
    return (struct refusal){NULL, NULL};
}

static const struct tencent_action *find_action(const struct ch_req *r, const char *name, const char **service)
{
    const struct tencent_action *found = NULL;

    *service = NULL;
    for (size_t i = 0; i < CH_COUNT(actions); i++) {
        if (!sandbox_host(r, actions[i].address))
            continue;
        *service = actions[i].service;
        if (strcmp(actions[i].name, name) == 0)
            found = &actions[i];
    }
    return found;
}

enum ch_err sandbox_tencent(struct ch_req *r)
{
    const char *service;
    const struct tencent_action *act = find_action(r, ch_fcgi(r, "HTTP_X_TC_ACTION"), &service);
    struct ch_json *in = NULL;

    if (service == NULL)
        return ch_fail(r, CH_E_NOT_FOUND, "no host of Tencent Cloud");
    struct refusal no = check_signature(r, service);
    if (no.code != NULL)
        return tencent_refuse(r, no.code, no.message);
    if (act == NULL)
        return tencent_refuse(r, "InvalidAction", "the action does not exist");
    if (strcmp(act->version, ch_fcgi(r, "HTTP_X_TC_VERSION")) != 0)
        return tencent_refuse(r, "NoSuchVersion", "the version does not exist");
    if (ch_json_parse(r->a, r->raw, &in, NULL) != CH_JSON_OK || in->kind != CH_JSON_OBJECT)
        return tencent_refuse(r, "InvalidParameter", "the body is not a JSON object");
    no = check_parameters(r, act, in);
    return no.code != NULL ? tencent_refuse(r, no.code, no.message) : act->handle(r, in);
}

const struct ch_route sandbox_tencent_routes[] = {
    {"POST", "/", CH_VENDOR, NULL, SANDBOX_PICTURE, CH_TX_SINGLE, "sandbox.tencent", sandbox_tencent},
    {"GET", "/h5/{page}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.face_page", sandbox_face_page},
    {"POST", "/h5/{page}/pass", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_pass", sandbox_face_pass},
    {"POST", "/h5/{page}/fail", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_fail", sandbox_face_fail},
    {"POST", "/h5/{page}/quit", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_quit", sandbox_face_quit},
    {"POST", "/sandbox/api/face/{page}/pass", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_tour", sandbox_face_tour},
    {"GET", "/sandbox/api/inbox", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.inbox", sandbox_inbox},
    {"PUT", "/sandbox/api/templates", CH_PUBLIC, &sandbox_templates_body, CH_KB(64), CH_TX_SEVERAL,
     "sandbox.templates_set", sandbox_templates_set},
    {"PUT", "/sandbox/api/sms-callback", CH_PUBLIC, &sandbox_sms_callback_body, CH_KB(4), CH_TX_SINGLE,
     "sandbox.sms_callback_set", sandbox_sms_callback_set},
    {0},
};
