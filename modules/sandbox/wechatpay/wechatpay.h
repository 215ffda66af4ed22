/* SPDX-License-Identifier: Apache-2.0
 * What the files of WeChat Pay's side share. */
#ifndef MODULE_SANDBOX_WECHATPAY_H
#define MODULE_SANDBOX_WECHATPAY_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_wechatpay_sql.h"

/* order.c: WeChat Pay's side, at 127.0.0.11; then refund.c, certificates.c, bill.c */
ch_handler sandbox_wechatpay_native, sandbox_wechatpay_query, sandbox_wechatpay_query_id, sandbox_wechatpay_close;
ch_handler sandbox_wechatpay_refund, sandbox_wechatpay_refund_query, sandbox_wechatpay_certificates;
ch_handler sandbox_wechatpay_tradebill, sandbox_wechatpay_download;

/* True when the caller is the merchant. Otherwise the answer is written, and *e what the handler returns. */
bool wechatpay_admitted(struct ch_req *r, enum ch_err *e);

/* Answers, signed with the key whose serial the request named. Body "" with status 204. */
enum ch_err wechatpay_finish(struct ch_req *r, int status, const char *body);
/* The same with 200, for what has been taken: the switches may have it end otherwise. */
enum ch_err wechatpay_taken(struct ch_req *r, const char *body);
enum ch_err wechatpay_refuse(struct ch_req *r, int status, const char *code, const char *message);
enum ch_err wechatpay_bad_parameter(struct ch_req *r, const char *field, const char *issue);

/* 6 to 32 characters of those that an order's number may have; a refund's may be longer. */
bool wechatpay_number_fits(const char *s, size_t least, size_t most);
/* https anywhere, http to loopback: what the sandbox itself may call. */
bool wechatpay_notify_fits(const char *s);
bool wechatpay_is(const char *s, const char *wanted);

/* What stands in a QR code of WeChat Pay's before the number that cashier.c asks by. */
#define WECHATPAY_CODE_URL "weixin://wxpay/bizpayurl?pr="
/* cashier.c: the newcomer's phone at the cashier. */
enum ch_err wechatpay_phone_cashier(struct ch_req *r, const char *pr);
enum ch_err wechatpay_phone_pay(struct ch_req *r, const char *pr);

#endif
