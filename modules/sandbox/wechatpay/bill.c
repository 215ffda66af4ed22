/* SPDX-License-Identifier: Apache-2.0
 * WeChat's bill of a day, made from the sandbox's own books. Unlike WeChat, the sandbox also has the bill of the current
 * day, up to now. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/register.h"

#include <openssl/evp.h>
#include <string.h>

#define HEAD \
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," \
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包," \
    "手续费,费率,订单金额,申请退款金额,费率备注\r\n"
#define SUMS "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"

static void put_trade(struct ch_arena *a, struct ch_buf *b, const struct ch_rows *rows, int i)
{
    const struct sandbox_register *reg = sandbox_register();
    bool refund = ch_col_bool(rows, i, "refund");
    const char *yuan = ch_amount_yuan(a, ch_col_int(rows, i, "fen"));
    const char *paid = refund ? "0.00" : yuan, *back = refund ? yuan : "0.00";

    ch_buf_printf(b, "`%s,`%s,`%s,`0,`,`%s,`%s,`%s,`%s,`%s,`OTHERS,`CNY,", ch_col(rows, i, "at"), reg->wechatpay_appid,
                  reg->wechatpay_mchid, ch_col(rows, i, "transaction_id"), ch_col(rows, i, "out_trade_no"),
                  ch_col(rows, i, "openid"), ch_col(rows, i, "trade_type"), refund ? "REFUND" : "SUCCESS");
    ch_buf_printf(b, "`%s,`0.00,`%s,`%s,`%s,`0.00,`%s,`%s,", paid, refund ? ch_col(rows, i, "refund_id") : "0",
                  refund ? ch_col(rows, i, "out_refund_no") : "0", back, refund ? "ORIGINAL" : "",
                  ch_col(rows, i, "status"));
    ch_buf_printf(b, "`%s,`,`0.00000,`0.00%%,`%s,`%s,`\r\n", ch_col(rows, i, "description"), paid, back);
}

static struct ch_bytes write_bill(struct ch_arena *a, const struct ch_rows *rows)
{
    int64_t paid = 0, back = 0;
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, "\xef\xbb\xbf" HEAD);
    for (int i = 0; i < rows->n; i++) {
        *(ch_col_bool(rows, i, "refund") ? &back : &paid) += ch_col_int(rows, i, "fen");
        put_trade(a, &b, rows, i);
    }
    ch_buf_printf(&b, SUMS "`%d,`%s,`%s,`0.00,`0.00000,`%s,`%s\r\n", rows->n, ch_amount_yuan(a, paid),
                  ch_amount_yuan(a, back), ch_amount_yuan(a, paid), ch_amount_yuan(a, back));
    return ch_buf_bytes(&b);
}

static const char *sha1_hex(struct ch_arena *a, struct ch_bytes file)
{
    unsigned char digest[20];
    size_t n = 0;

    if (EVP_Q_digest(NULL, "SHA1", NULL, file.p, file.n, digest, &n) != 1)
        return "";
    return ch_hex(a, CH_BYTES(digest, n));
}

static enum ch_err publish_bill(struct ch_req *r, const struct ch_rows *rows)
{
    struct ch_bytes file = write_bill(r->a, rows);
    const char *token = ch_random_text(r->a, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 48);
    struct ch_jw w;

    struct ch_call put = CH_CALL(&sandbox_wechatpay_bill_put, ch_p_text(token), ch_p_text((const char *)file.p));
    enum ch_err e = ch_run(r, put, NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "download_url",
               ch_printf(r->a, "http://%s/v3/billdownload/file?token=%s", ch_fcgi(r, "HTTP_HOST"), token));
    ch_jw_text(&w, "hash_type", "SHA1");
    ch_jw_text(&w, "hash_value", sha1_hex(r->a, file));
    ch_jw_end_object(&w);
    return wechatpay_finish(r, 200, ch_jw_done(&w));
}

enum ch_err sandbox_wechatpay_tradebill(struct ch_req *r)
{
    const char *day = ch_query(r, "bill_date"), *type = ch_query(r, "bill_type");
    const char *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y-%m-%d");
    struct ch_rows rows;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    if (day == NULL || ch_parse_day(day) < 0 || strcmp(day, today) > 0)
        return wechatpay_bad_parameter(r, "bill_date", "账单日期不正确");
    if ((type != NULL && strcmp(type, "ALL") != 0) || ch_query(r, "tar_type") != NULL)
        return wechatpay_bad_parameter(r, "bill_type", "沙箱仅提供不压缩的 ALL 账单");
    e = ch_run(r, CH_CALL(&sandbox_wechatpay_bill_lines, ch_p_text(day)), &rows);
    if (e != CH_OK)
        return e;
    return rows.n > 0 ? publish_bill(r, &rows) : wechatpay_refuse(r, 400, "NO_STATEMENT_EXIST", "账单文件不存在");
}

/* This is the only answer that WeChat does not sign. */
enum ch_err sandbox_wechatpay_download(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    e = ch_run(r, CH_CALL(&sandbox_wechatpay_bill_take, ch_p_text(ch_query(r, "token"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return wechatpay_refuse(r, 400, "INVALID_REQUEST", "下载地址不存在或已失效");
    return sandbox_answer(r, 200, "text/plain; charset=utf-8", ch_col(&rows, 0, "body"));
}
