/* SPDX-License-Identifier: Apache-2.0
 * What the files of WeChat Pay's side have in common. */
#ifndef MODULE_SANDBOX_WECHATPAY_H
#define MODULE_SANDBOX_WECHATPAY_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_wechatpay_sql.h"

/* WeChat Pay's API at 127.0.0.11: order.c, refund.c, certificates.c, bill.c */
ch_handler sandbox_wechatpay_native, sandbox_wechatpay_h5, sandbox_wechatpay_jsapi, sandbox_wechatpay_query,
    sandbox_wechatpay_query_id, sandbox_wechatpay_close;
ch_handler sandbox_wechatpay_refund, sandbox_wechatpay_refund_query, sandbox_wechatpay_certificates;
ch_handler sandbox_wechatpay_tradebill, sandbox_wechatpay_download;

/* WeChat Pay's page for the browser of a phone (page.c), which the h5_url of an order leads to. */
#define WECHATPAY_H5_PATH "/cgi-bin/mmpayweb-bin/checkmweb"
ch_handler sandbox_wechatpay_page, sandbox_wechatpay_page_pay;

/* The site of the merchant, where the payer must come from and is led back to. */
bool wechatpay_is_merchants(const char *url);
/* WeChat's page that says why it does not go on. */
enum ch_err wechatpay_show_message(struct ch_req *r, int status, const char *sentence);

/* WeChat's own browser and the app around it (inside.c): web authorization, which tells the merchant whose the browser is, and what the
 * app asks WeChat when a page has handed it a request to pay. */
ch_handler sandbox_wechatpay_authorize, sandbox_wechatpay_openid, sandbox_wechatpay_bridge;

/* True when the caller is the merchant. Otherwise the answer is written, and the handler must return *e. */
bool wechatpay_admitted(struct ch_req *r, enum ch_err *e);

/* Sends an answer, signed with the key whose serial the request named. The body is "" with status 204. */
enum ch_err wechatpay_finish(struct ch_req *r, int status, const char *body);
/* Sends the answer 200 to a request that was carried out. With a switch on, the answer is an error or does not come. */
enum ch_err wechatpay_taken(struct ch_req *r, const char *body);
enum ch_err wechatpay_refuse(struct ch_req *r, int status, const char *code, const char *message);
enum ch_err wechatpay_bad_parameter(struct ch_req *r, const char *field, const char *issue);

/* True for a number of an order (6 to 32 characters) or of a refund (which may be longer) with allowed characters. */
bool wechatpay_number_fits(const char *s, size_t least, size_t most);
/* True for an address that the sandbox may call: https anywhere, http only on loopback. */
bool wechatpay_notify_fits(const char *s);

/* The beginning of WeChat Pay's QR codes; the number by which cashier.c finds the order follows. */
#define WECHATPAY_CODE_URL "weixin://wxpay/bizpayurl?pr="
#define WECHATPAY_CODE 9 /* characters of that number */
#define WECHATPAY_CODE_LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
/* cashier.c: the newcomer's phone at the cashier. */
enum ch_err wechatpay_phone_cashier(struct ch_req *r, const char *pr);
enum ch_err wechatpay_phone_pay(struct ch_req *r, const char *pr);
/* The payer, or somebody whose openid does not matter (NULL), pays; *state is that of the order afterwards. */
enum ch_err wechatpay_pay(struct ch_req *r, const char *code, const char *openid, const char **state);
/* The openid of a user of WeChat for the merchant's account. */
const char *wechatpay_openid_of(struct ch_arena *a, const char *user);

#endif
