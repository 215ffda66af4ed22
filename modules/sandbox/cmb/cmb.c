/* SPDX-License-Identifier: Apache-2.0
 * China Merchants Bank, CloudDC: one address for all functions. A message that cannot be read is answered in plain text, as the
 * bank's gateway does; all other answers are signed and encrypted. */
#include "modules/sandbox/sandbox.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/gateway/cmb/message.h"
#include "core/gateway/formdata.h"
#include "modules/sandbox/cmb/cmb.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define HOST "127.0.0.15"
#define SIGTIM_WINDOW 3600

/* yyyyMMddHHmmss of Beijing as seconds since 1970; -1 for anything else. */
static int64_t read_sigtim(struct ch_arena *a, const char *s)
{
    if (strlen(s) != 14 || strspn(s, "0123456789") != 14)
        return -1;
    return ch_parse_rfc3339(ch_printf(a, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s+08:00", s, s + 4, s + 6, s + 8, s + 10, s + 12));
}

/* Decrypts and verifies the message. Returns NULL, with *c filled in, when it is the customer's; otherwise the sentence that
 * the gateway answers. */
static const char *open_message(struct ch_req *r, struct cmb_call *c)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *data = ch_formdata_field(r->a, r->raw, "DATA"), *sigtim;
    struct ch_json *root = NULL;
    struct ch_bytes text;

    if (!sandbox_is(ch_formdata_field(r->a, r->raw, "UID"), reg->cmb_uid))
        return "用户不存在";
    if (!sandbox_is(ch_formdata_field(r->a, r->raw, "ALG"), "SM"))
        return "不支持的算法";
    if (data == NULL || !ch_cmb_decrypt(r->a, reg->cmb_sm4, reg->cmb_uid, data, &text))
        return "解密失败";
    if (!ch_cmb_verify(r->a, reg->cmb_customer, reg->cmb_uid, text, &root, &sigtim))
        return "验签失败";
    if (llabs(ch_now_ms() / 1000 - read_sigtim(r->a, sigtim)) > SIGTIM_WINDOW)
        return "签名时间超出范围";
    const struct ch_json *req = ch_json_get(root, "request"), *head = ch_json_get(req, "head");
    *c = (struct cmb_call){ch_json_text(head, "funcode"), ch_json_text(head, "reqid"), ch_json_get(req, "body")};
    if (!sandbox_is(ch_json_text(head, "userid"), reg->cmb_uid) ||
        !sandbox_is(ch_formdata_field(r->a, r->raw, "FUNCODE"), c->function != NULL ? c->function : ""))
        return "报文头与表单不一致";
    size_t n = c->reqid != NULL ? strlen(c->reqid) : 0;
    return n >= 18 && n <= 51 && strspn(c->reqid, "0123456789") >= 17 ? NULL : "reqid 不符合规则";
}

static char *answer_text(struct ch_req *r, const struct cmb_call *c, const char *code, const char *message, const char *body)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "response");
    ch_jw_raw(&w, "body", body);
    ch_jw_object(&w, "head");
    ch_jw_text(&w, "bizcode", c->function);
    ch_jw_text(&w, "funcode", c->function);
    ch_jw_text(&w, "reqid", c->reqid);
    ch_jw_text(&w, "resultcode", code);
    ch_jw_text(&w, "resultmsg", message);
    ch_jw_text(&w, "rspid",
               ch_printf(r->a, "%s%s", ch_beijing(r->a, ch_now_ms() / 1000, "%Y%m%d%H%M%S"),
                         ch_random_text(r->a, "0123456789", 10)));
    ch_jw_text(&w, "userid", sandbox_register()->cmb_uid);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err cmb_answer(struct ch_req *r, const struct cmb_call *c, const char *code, const char *message, const char *body)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *now = ch_beijing(r->a, ch_now_ms() / 1000, "%Y%m%d%H%M%S");
    const char *text = ch_cmb_sign(r->a, reg->cmb_bank, reg->cmb_uid, answer_text(r, c, code, message, body), now);
    const char *data = text != NULL ? ch_cmb_encrypt(r->a, reg->cmb_sm4, reg->cmb_uid, text) : NULL;

    return data != NULL ? sandbox_answer(r, 200, "text/plain; charset=utf-8", data)
                        : ch_fail(r, CH_E_INTERNAL, "the bank's keys do not work");
}

enum ch_err sandbox_cmb(struct ch_req *r)
{
    struct cmb_call c;
    struct ch_rows rows;
    bool text_instead;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not the bank's host");
    enum ch_err e = sandbox_switched(r, "cmb.text_instead", &text_instead);
    if (e != CH_OK)
        return e;
    const char *fault = text_instead ? "系统繁忙，请稍后再试" : open_message(r, &c);
    if (fault != NULL)
        return sandbox_answer(r, 200, "text/plain; charset=utf-8", ch_printf(r->a, "CDCServer:[CDCServer]ErrMsg:%s", fault));
    e = ch_run(r, CH_CALL(&sandbox_cmb_reqid_use, ch_p_text(c.reqid)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return cmb_answer(r, &c, "CDCSRV1", "reqid 重复", "{}");
    if (strcmp(c.function, "BB1PAYOP") == 0)
        return cmb_pay(r, &c);
    if (strcmp(c.function, "BB1PAYQR") == 0)
        return cmb_query(r, &c);
    if (strcmp(c.function, "trsQryByBreakPoint") == 0)
        return cmb_entries(r, &c);
    return cmb_answer(r, &c, "CDCSRV2", "没有该功能的权限", "{}");
}

const struct ch_route sandbox_cmb_routes[] = {
    {"POST", "/cdcserver/api/v2", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.cmb", sandbox_cmb},
    {"GET", "/sandbox/api/statement", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.statement", sandbox_statement},
    {"POST", "/sandbox/api/transfer", CH_PUBLIC, &sandbox_transfer_body, CH_KB(2), CH_TX_SINGLE, "sandbox.transfer",
     sandbox_transfer},
    {0},
};
