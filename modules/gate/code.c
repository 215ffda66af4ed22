/* SPDX-License-Identifier: Apache-2.0
 * Codes by SMS. The database knows codes and phone numbers only by keyed hashes; the message that carries the code is
 * encrypted. */
#include "modules/gate/gate.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"

#include <string.h>

static struct ch_param keyed_hash(struct ch_req *r, const char *field, const char *value)
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);
    ch_blind(ch_ring(), field, value, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

struct ch_param gate_phone_hash(struct ch_req *r, const char *phone)
{
    return keyed_hash(r, "phone", phone);
}

struct ch_param gate_code_hash(struct ch_req *r, struct ch_param phone, const char *code)
{
    return code == NULL ? ch_p_null()
                        : keyed_hash(r, "sms_code", ch_printf(r->a, "%s|%s", ch_base64url(r->a, phone.value), code));
}

struct ch_param gate_token_hash(struct ch_req *r)
{
    return ch_p_bytes(ch_sha256_of(r->a, CH_BYTES(r->token, strlen(r->token))));
}

enum ch_err gate_phone_taken(struct ch_req *r)
{
    ch_wrong(r, "/phone", "taken", "这个手机号已有账号，不能用来更换。可直接用它登录，或联系客服。");
    return ch_fail(r, CH_E_INVALID, "phone taken");
}

struct ch_param gate_message(struct ch_req *r, const char *message, const char *phone, const char *code)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "phone", phone);
    if (code != NULL)
        ch_jw_text(&w, "code", code);
    ch_jw_end_object(&w);
    const char *content = ch_jw_done(&w);
    return ch_p_bytes(ch_encrypt(ch_ring(), r->a, "message.content", message, CH_BYTES(content, strlen(content))));
}

enum ch_err gate_code_send(struct ch_req *r, const char *phone, const char *purpose)
{
    const char *message = ch_uuid7(r->a), *code = ch_random_text(r->a, "0123456789", 6);
    struct ch_param hash = gate_phone_hash(r, phone);
    enum ch_err e = ch_run(r,
                           CH_CALL(&gate_sms_code_new, ch_p_text(ch_uuid7(r->a)), hash, ch_p_text(purpose),
                                   gate_code_hash(r, hash, code), ch_p_int(r->a, ch_conf_int(CONF_SMS_LIMIT_DAY)),
                                   ch_p_int(r->a, ch_conf_int(CONF_SMS_LIMIT_IP)), ch_p_text(message),
                                   gate_message(r, message, phone, code)),
                           NULL);
    return e == CH_OK ? ch_reply_json(r, 202, "{\"retry_after\":60}") : e;
}

enum ch_err gate_code_refused(struct ch_req *r, const char *pointer, const char *word)
{
    static const struct {
        const char *word, *sentence;
    } map[] = {
        {"wrong", "验证码不正确，请核对短信后重新填写。"},
        {"too_many", "验证码填错次数过多，请重新获取。"},
        {"expired", "验证码已失效，请重新获取。"},
    };

    for (size_t i = 0; i < CH_COUNT(map); i++)
        if (strcmp(map[i].word, word) == 0)
            ch_wrong(r, pointer, word, map[i].sentence);
    return ch_fail(r, CH_E_INVALID, "code %s", word);
}
