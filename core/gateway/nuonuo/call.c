/* SPDX-License-Identifier: Apache-2.0
 * One call to Nuonuo, with the access token that it needs. */
#include "core/gateway/nuonuo/call.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/formdata.h"
#include "core/gateway/keys.h"
#include "core/gateway/nuonuo/sign.h"
#include "core/gateway/token.h"
#include "core/http/client.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_LIMIT 50 /* fetches in thirty days, by the vendor's documents */
#define TOKEN_PERIOD (INT64_C(30) * 86400)
#define TOKEN_LONGEST (INT64_C(366) * 86400)

const char *ch_nuonuo_text(const struct ch_json *obj, const char *key)
{
    const struct ch_json *node = ch_json_get(obj, key);
    return node != NULL && (node->kind == CH_JSON_STRING || node->kind == CH_JSON_NUMBER) ? node->text : "";
}

static struct ch_answer read_token_answer(struct ch_arena *a, const struct ch_http_response *res, struct ch_token *out)
{
    struct ch_json *root = NULL;

    if (ch_json_parse(a, res->body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER("the answer to the request for a token is not JSON");
    const char *value = ch_nuonuo_text(root, "access_token");
    int64_t seconds = strtoll(ch_nuonuo_text(root, "expires_in"), NULL, 10);
    if (*value == '\0' || strpbrk(value, "\r\n") != NULL) /* it will be sent in a header line */
        return (struct ch_answer){CH_UNKNOWN, ch_nuonuo_text(root, "error"), ch_nuonuo_text(root, "error_description"), ""};
    if (seconds < 1 || seconds > TOKEN_LONGEST)
        return CH_BAD_ANSWER("a token without an end");
    *out = (struct ch_token){value, ch_now_ms() / 1000 + seconds};
    return (struct ch_answer){CH_ACCEPTED, "", "", ""};
}

static enum ch_err fetch_token(struct ch_arena *a, struct ch_fault *f, struct ch_answer *answer, struct ch_token *out)
{
    const char *secret = ch_keys_secret(CONF_NUONUO_SECRET);
    struct ch_http_response res;
    struct ch_buf form;

    if (secret == NULL)
        return ch_fault(f, CH_E_INTERNAL, "nuonuo: no application secret");
    ch_buf_init(&form, a);
    ch_formdata_put(&form, "client_id", ch_conf(CONF_NUONUO_APPKEY));
    ch_formdata_put(&form, "client_secret", secret);
    ch_formdata_put(&form, "grant_type", "client_credentials");
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_conf(CONF_NUONUO_TOKEN_URL),
        .headers = {"Content-Type: application/x-www-form-urlencoded;charset=UTF-8"},
        .body = ch_buf_bytes(&form),
        .once = true, /* each fetch counts towards the vendor's limit */
    };
    enum ch_err e;
    if (ch_vendor_send(a, f, CH_V_NUONUO, &req, &res, answer, &e))
        *answer = read_token_answer(a, &res, out);
    return e;
}

static bool has_permanent_token(void)
{
    return *ch_conf(CONF_NUONUO_TOKEN) != '\0';
}

static enum ch_err get_token(struct ch_arena *a, struct ch_fault *f, const char *rejected, struct ch_answer *answer,
                             const char **token)
{
    const struct ch_token_source source = {"nuonuo", ch_conf(CONF_NUONUO_APPKEY), TOKEN_LIMIT, TOKEN_PERIOD, fetch_token};

    if (!has_permanent_token())
        return ch_token_get(a, f, &source, rejected, answer, token);
    *token = ch_keys_secret(CONF_NUONUO_TOKEN);
    return *token != NULL ? CH_OK : ch_fault(f, CH_E_INTERNAL, "nuonuo: no permanent token");
}

struct ch_answer ch_nuonuo_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **result)
{
    struct ch_json *root = NULL;

    *result = NULL;
    if (status != 200 || ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER(ch_printf(a, "status %ld, or the answer is not JSON", status));
    struct ch_answer out = {CH_REFUSED, ch_nuonuo_text(root, "code"), ch_nuonuo_text(root, "describe"), ""};
    if (*out.code == '\0')
        return CH_BAD_ANSWER("the answer has no code");
    if (strcmp(out.code, "E0000") == 0) {
        out.outcome = CH_ACCEPTED;
        *result = ch_json_get(root, "result");
    } else if (strncmp(out.code, "07", 2) == 0) /* from the gateway, before the service was reached */
        out.outcome = CH_UNKNOWN;
    return out;
}

/* True for the codes 0703…, which are about the token, except 070306: too many tokens were fetched, so another fetch would not
 * help. */
static bool is_about_token(const struct ch_answer *answer)
{
    return strncmp(answer->code, "0703", 4) == 0 && strcmp(answer->code, "070306") != 0;
}

static enum ch_err send_with_token(struct ch_arena *a, struct ch_fault *f, const char *token, struct ch_nuonuo_call *c,
                                   struct ch_answer *answer)
{
    const char *secret = ch_keys_secret(CONF_NUONUO_SECRET);
    struct ch_http_response res;
    struct ch_nuonuo_signed s = {
        .appkey = ch_conf(CONF_NUONUO_APPKEY),
        .senid = ch_random_text(a, "0123456789abcdef", 32),
        .nonce = ch_printf(a, "%s%s", ch_random_text(a, "123456789", 1), ch_random_text(a, "0123456789", 7)),
        .timestamp = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000)),
        .body = CH_BYTES(c->body, strlen(c->body)),
    };

    if (secret == NULL)
        return ch_fault(f, CH_E_INTERNAL, "nuonuo: no application secret");
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_printf(a, "%s?senid=%s&nonce=%s&timestamp=%s&appkey=%s", ch_conf(CONF_NUONUO_URL), s.senid, s.nonce,
                         s.timestamp, ch_percent(a, s.appkey)),
        .headers = {"Content-Type: application/json; charset=UTF-8",
                    ch_printf(a, "X-Nuonuo-Sign: %s", ch_nuonuo_sign(a, secret, &s)), ch_printf(a, "accessToken: %s", token),
                    ch_printf(a, "userTax: %s", ch_conf(CONF_NUONUO_TAX_NO)), ch_printf(a, "method: %s", c->method)},
        .body = s.body,
        .once = c->once,
    };
    enum ch_err e;
    if (ch_vendor_send(a, f, CH_V_NUONUO, &req, &res, answer, &e))
        *answer = ch_nuonuo_answer(a, res.status, res.body, &c->result);
    if (e == CH_OK)
        answer->request_id = s.senid; /* Nuonuo has no request id of its own */
    return e;
}

/* A call whose token was rejected is sent once more with a fresh one. */
static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    const char *token;
    enum ch_err e = get_token(a, f, NULL, answer, &token);

    if (e == CH_OK && token != NULL)
        e = send_with_token(a, f, token, call, answer);
    if (e != CH_OK || token == NULL || has_permanent_token() || !is_about_token(answer))
        return e;
    struct ch_answer refusal = *answer;
    e = get_token(a, f, token, answer, &token);
    if (e == CH_OK && token != NULL)
        return send_with_token(a, f, token, call, answer);
    if (e == CH_OK && *answer->code == '\0')
        *answer = refusal;
    return e;
}

enum ch_err ch_nuonuo_call(struct ch_arena *a, struct ch_fault *f, struct ch_nuonuo_call *call, struct ch_answer *answer)
{
    call->result = NULL;
    return ch_vendor_call(a, f, CH_V_NUONUO, call->once ? CH_ONE_TRY : CH_REPEAT, try_call, call, answer);
}
