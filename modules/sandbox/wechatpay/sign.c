/* SPDX-License-Identifier: Apache-2.0
 * WeChat's signatures in the sandbox, and its transaction and refund objects. */
#include "modules/sandbox/wechatpay/sign.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/wechatpay/sign.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define NONCE_ALPHABET "0123456789abcdefghijklmnopqrstuvwxyz"
#define PROBE "WECHATPAY/SIGNTEST/"

const char *sandbox_wechatpay_serial(struct ch_arena *a, enum sandbox_pen_key which)
{
    const struct sandbox_register *reg = sandbox_register();

    if (which == SANDBOX_PUBLIC_KEY)
        return reg->wechatpay_key_id;
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(reg->wechatpay_certificate), NULL);
    char *hex = n != NULL ? BN_bn2hex(n) : NULL;
    if (hex == NULL)
        abort(); /* out of memory */
    const char *serial = ch_strdup(a, hex);
    OPENSSL_free(hex);
    BN_free(n);
    return serial;
}

struct sandbox_signed sandbox_wechatpay_signed(struct ch_arena *a, const char *body, enum sandbox_pen_key which,
                                               enum sandbox_pen pen)
{
    const struct sandbox_register *reg = sandbox_register();
    struct sandbox_signed s = {
        .timestamp = ch_printf(a, "%lld", (long long)(ch_now_ms() / 1000)),
        .nonce = ch_random_text(a, NONCE_ALPHABET, 32),
        .serial = sandbox_wechatpay_serial(a, which),
    };
    char *sig = ch_wechatpay_sign(a, which == SANDBOX_CERTIFICATE ? reg->wechatpay_certificate_key : reg->wechatpay_platform,
                                  ch_wechatpay_answer_text(a, s.timestamp, s.nonce, CH_BYTES(body, strlen(body))));

    if (sig == NULL)
        abort(); /* the key signed when the process started */
    if (pen == SANDBOX_PEN_WRONG)
        sig[10] = sig[10] == 'A' ? 'B' : 'A';
    s.signature = pen == SANDBOX_PEN_PROBE ? ch_printf(a, PROBE "%s", sig + sizeof PROBE - 1) : sig;
    return s;
}

static const char *state_sentence(const char *state)
{
    if (strcmp(state, "SUCCESS") == 0)
        return "支付成功";
    if (strcmp(state, "REFUND") == 0)
        return "订单发生过退款";
    return strcmp(state, "CLOSED") == 0 ? "订单已关闭" : "订单未支付";
}

char *sandbox_wechatpay_transaction(struct ch_arena *a, const struct ch_rows *row, const char *state, int64_t total)
{
    const struct sandbox_register *reg = sandbox_register();
    bool paid = strcmp(state, "SUCCESS") == 0 || strcmp(state, "REFUND") == 0;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "appid", reg->wechatpay_appid);
    ch_jw_text(&w, "mchid", reg->wechatpay_mchid);
    ch_jw_text(&w, "out_trade_no", ch_col(row, 0, "out_trade_no"));
    ch_jw_text(&w, "trade_state", state);
    ch_jw_text(&w, "trade_state_desc", state_sentence(state));
    if (ch_col(row, 0, "attach") != NULL)
        ch_jw_text(&w, "attach", ch_col(row, 0, "attach"));
    if (paid) {
        ch_jw_text(&w, "trade_type", ch_col(row, 0, "trade_type"));
        ch_jw_text(&w, "transaction_id", ch_col(row, 0, "transaction_id"));
        ch_jw_text(&w, "bank_type", "OTHERS");
        ch_jw_text(&w, "success_time", ch_rfc3339(a, ch_col_int(row, 0, "paid")));
        ch_jw_object(&w, "payer");
        ch_jw_text(&w, "openid", ch_col(row, 0, "openid"));
        ch_jw_end_object(&w);
    }
    ch_jw_object(&w, "amount");
    ch_jw_int(&w, "total", total);
    ch_jw_text(&w, "currency", "CNY");
    if (paid) {
        ch_jw_int(&w, "payer_total", total);
        ch_jw_text(&w, "payer_currency", "CNY");
    }
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

char *sandbox_wechatpay_refund_object(struct ch_arena *a, const struct ch_rows *row, bool notification)
{
    int64_t fen = ch_col_int(row, 0, "fen"), total = ch_col_int(row, 0, "total");
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    if (notification)
        ch_jw_text(&w, "mchid", sandbox_register()->wechatpay_mchid);
    ch_jw_text(&w, "refund_id", ch_col(row, 0, "refund_id"));
    ch_jw_text(&w, "out_refund_no", ch_col(row, 0, "out_refund_no"));
    ch_jw_text(&w, "transaction_id", ch_col(row, 0, "transaction_id"));
    ch_jw_text(&w, "out_trade_no", ch_col(row, 0, "out_trade_no"));
    ch_jw_text(&w, "user_received_account", "支付用户零钱");
    ch_jw_text(&w, notification ? "refund_status" : "status", ch_col(row, 0, "status"));
    if (strcmp(ch_col(row, 0, "status"), "SUCCESS") == 0)
        ch_jw_text(&w, "success_time", ch_rfc3339(a, ch_col_int(row, 0, "ended")));
    if (!notification) {
        ch_jw_text(&w, "channel", "ORIGINAL");
        ch_jw_text(&w, "funds_account", "AVAILABLE");
        ch_jw_text(&w, "create_time", ch_rfc3339(a, ch_col_int(row, 0, "created")));
    }
    ch_jw_object(&w, "amount");
    ch_jw_int(&w, "total", total);
    ch_jw_int(&w, "refund", fen);
    ch_jw_int(&w, "payer_total", total);
    ch_jw_int(&w, "payer_refund", fen);
    if (!notification) {
        ch_jw_int(&w, "settlement_refund", fen);
        ch_jw_int(&w, "settlement_total", total);
        ch_jw_int(&w, "discount_refund", 0);
        ch_jw_text(&w, "currency", "CNY");
    }
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}
