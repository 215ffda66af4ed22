/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's side: its table of routes, and its app on the newcomer's phone. */
#include "modules/sandbox/wechatpay/wechatpay.h"

const struct ch_route sandbox_wechatpay_routes[] = {
    {"POST", "/v3/pay/transactions/native", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.wechatpay_native",
     sandbox_wechatpay_native},
    {"POST", "/v3/pay/transactions/h5", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.wechatpay_h5",
     sandbox_wechatpay_h5},
    {"POST", "/v3/pay/transactions/jsapi", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.wechatpay_jsapi",
     sandbox_wechatpay_jsapi},
    {"GET", "/v3/pay/transactions/out-trade-no/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_query",
     sandbox_wechatpay_query},
    {"GET", "/v3/pay/transactions/id/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_query_id",
     sandbox_wechatpay_query_id},
    {"POST", "/v3/pay/transactions/out-trade-no/{no}/close", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE,
     "sandbox.wechatpay_close", sandbox_wechatpay_close},
    {"POST", "/v3/refund/domestic/refunds", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.wechatpay_refund",
     sandbox_wechatpay_refund},
    {"GET", "/v3/refund/domestic/refunds/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_refund_query",
     sandbox_wechatpay_refund_query},
    {"GET", "/v3/certificates", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_certificates",
     sandbox_wechatpay_certificates},
    {"GET", "/v3/bill/tradebill", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_tradebill",
     sandbox_wechatpay_tradebill},
    {"GET", "/v3/billdownload/file", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_download",
     sandbox_wechatpay_download},
    {"GET", WECHATPAY_H5_PATH, CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_page", sandbox_wechatpay_page},
    {"POST", WECHATPAY_H5_PATH, CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.wechatpay_page_pay",
     sandbox_wechatpay_page_pay},
    {"GET", "/connect/oauth2/authorize", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_authorize",
     sandbox_wechatpay_authorize},
    {"GET", "/sns/oauth2/access_token", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_openid",
     sandbox_wechatpay_openid},
    {"POST", "/app/getBrandWCPayRequest", CH_PUBLIC, NULL, CH_KB(2), CH_TX_SINGLE, "sandbox.wechatpay_bridge",
     sandbox_wechatpay_bridge},
    {0},
};

static bool is_code(const char *text)
{
    return strlen(text) == WECHATPAY_CODE && strspn(text, WECHATPAY_CODE_LETTERS) == WECHATPAY_CODE;
}

const struct sandbox_app sandbox_app_wechatpay = {"wechatpay", WECHATPAY_CODE_URL, is_code, wechatpay_phone_cashier,
                                                  wechatpay_phone_pay};
