/* SPDX-License-Identifier: Apache-2.0
 * What the files of Alipay's side have in common. */
#ifndef MODULE_SANDBOX_ALIPAY_H
#define MODULE_SANDBOX_ALIPAY_H

#include "core/gateway/alipay/sign.h"
#include "modules/sandbox/sandbox.h"
#include "sandbox_alipay_sql.h"

/* Alipay's gateway, at 127.0.0.16 */
ch_handler sandbox_alipay;
/* bill.c: downloading a bill at the address that the gateway gave */
ch_handler sandbox_alipay_bill;
/* page.c: its cashier */
ch_handler sandbox_alipay_cashier, sandbox_alipay_cashier_pay, sandbox_alipay_cashier_quit, sandbox_alipay_error;

#define ALIPAY_HOST "127.0.0.16"
#define ALIPAY_TIME "%Y-%m-%d %H:%M:%S"

/* A request whose signature is right. */
struct alipay_call {
    const char *method;
    struct ch_alipay_params params;
    const struct ch_json *biz; /* biz_content; an object */
    bool takes;                /* the switches *_after_taking apply to this method */
};

typedef enum ch_err alipay_method(struct ch_req *r, const struct alipay_call *c);
/* trade.c */
alipay_method alipay_page_pay, alipay_precreate, alipay_query, alipay_close;
/* refund.c */
alipay_method alipay_refund, alipay_refund_query;
/* bill.c */
alipay_method alipay_bill_url;

/* Writing an answer: alipay_begin writes code and msg, alipay_end signs and sends the whole. */
void alipay_begin(struct ch_req *r, struct ch_jw *w);
enum ch_err alipay_end(struct ch_req *r, const struct alipay_call *c, struct ch_jw *w);
/* Refuses with 40004 and the sub_code; the sentence follows from the sub_code. */
enum ch_err alipay_refuse(struct ch_req *r, const struct alipay_call *c, const char *sub_code);
/* The refusal of a page (alipay.trade.page.pay, alipay.trade.wap.pay), which a person sees: the browser is redirected to a page with the sentence. */
enum ch_err alipay_page_error(struct ch_req *r, const char *sub_code);
/* The sentence for people of a sub_code. */
const char *alipay_sentence(const char *sub_code);

/* The number by which the request names a trade: out_trade_no or trade_no; NULL when neither is given. */
const char *alipay_number(const struct alipay_call *c);

/* pen.c: the vendor's signature over a text, as base64. */
char *alipay_pen(struct ch_arena *a, const char *text);
/* Adds sign_type, and the signature over the parameters before it. */
void alipay_sign(struct ch_arena *a, struct ch_alipay_params *p);

/* A fresh number of the vendor, beginning with the day in Beijing. */
char *alipay_trade_no(struct ch_arena *a);
char *alipay_notify_id(struct ch_arena *a);
#define ALIPAY_LATE_SECONDS 600 /* the delay of notifications while switch alipay.late is on */

/* True for a text that may follow ALIPAY_CODE_URL in one of Alipay's QR codes. */
#define ALIPAY_CODE_URL "https://qr.alipay.com/"
bool alipay_is_code(const char *text) CH_MUST;
/* page.c: the newcomer's phone at the cashier. */
enum ch_err alipay_phone_cashier(struct ch_req *r, const char *code);
enum ch_err alipay_phone_pay(struct ch_req *r, const char *code);

#endif
