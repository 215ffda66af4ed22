/* SPDX-License-Identifier: Apache-2.0
 * What the files of module sandbox share. */
#ifndef MODULE_SANDBOX_H
#define MODULE_SANDBOX_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "sandbox_sql.h"

/* wechat.c: WeChat Pay's side, at 127.0.0.11; then wechat_refund.c, wechat_certificates.c, wechat_bill.c */
ch_handler sandbox_wechat_native, sandbox_wechat_query, sandbox_wechat_query_id, sandbox_wechat_close;
ch_handler sandbox_wechat_refund, sandbox_wechat_refund_query, sandbox_wechat_certificates;
ch_handler sandbox_wechat_tradebill, sandbox_wechat_download;
/* tencent.c: Tencent Cloud's three services, at 127.0.0.12, .13, .14 */
ch_handler sandbox_tencent;
/* tencent_sms.c: where delivery reports go, as one would set it in the vendor's console */
extern const struct ch_input sandbox_sms_callback_body;
ch_handler sandbox_sms_callback_set;
/* face_page.c: the page on which a person's face would be looked at */
ch_handler sandbox_face_page, sandbox_face_pass, sandbox_face_fail, sandbox_face_quit;
/* cmb.c: China Merchants Bank, at 127.0.0.15 */
ch_handler sandbox_cmb;

/* alipay.c: Alipay's gateway, at 127.0.0.16 */
ch_handler sandbox_alipay;
/* alipay_bill.c: a bill that the gateway gave the address of */
ch_handler sandbox_alipay_bill;
/* alipay_page.c: its cashier */
ch_handler sandbox_alipay_cashier, sandbox_alipay_cashier_pay, sandbox_alipay_cashier_quit, sandbox_alipay_error;

/* nuonuo.c: electronic invoices, at 127.0.0.17 */
ch_handler sandbox_nuonuo, sandbox_nuonuo_token, sandbox_nuonuo_file;
/* sf.c: SF Express, at 127.0.0.18; jd.c: JD Logistics, at 127.0.0.19 */
ch_handler sandbox_sf, sandbox_jd_create, sandbox_jd_cancel, sandbox_jd_trace;

/* phone.c: the newcomer's phone */
extern const struct ch_input sandbox_scan_body;
ch_handler sandbox_inbox, sandbox_scan, sandbox_cashier, sandbox_cashier_pay;
/* mail.c: the newcomer's letter box */
ch_handler sandbox_mails;
/* statement.c: the company's bank statement */
ch_handler sandbox_statement;
/* switches.c: how the vendors misbehave, and which texts they have approved */
extern const struct ch_input sandbox_switches_body, sandbox_templates_body;
ch_handler sandbox_switches, sandbox_switches_set, sandbox_templates_set;
/* person.c: made-up people and units */
ch_handler sandbox_person;
/* papers.c: their papers */
ch_handler sandbox_paper, sandbox_paper_scan;

/* True when the request came to that vendor's host. */
bool sandbox_host(const struct ch_req *r, const char *address);
/* True when a switch is on; one that is on once is off afterwards. */
enum ch_err sandbox_switched(struct ch_req *r, const char *key, bool *on) CH_MUST;
/* An answer as a vendor gives it, whatever its status. */
enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body);

#endif
