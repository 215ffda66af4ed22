/* SPDX-License-Identifier: Apache-2.0
 * Module sandbox: the outside services' side, for development, tests and newcomers. See README.md.
 *
 * Unless setting sandbox is on and production is off, the table of routes is empty and nothing answers. */
#include "modules/sandbox/sandbox.h"

#include "core/base/config.h"
#include "modules/sandbox/alipay/alipay.h"
#include "modules/sandbox/authenticator/authenticator.h"
#include "modules/sandbox/cmb/cmb.h"
#include "modules/sandbox/jd/jd.h"
#include "modules/sandbox/mail/mail.h"
#include "modules/sandbox/nuonuo/nuonuo.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/sf/sf.h"
#include "modules/sandbox/tencent/tencent.h"
#include "modules/sandbox/wechatpay/wechatpay.h"
#include "sandbox_mail_sql.h"
#include "sandbox_nuonuo_sql.h"
#include "sandbox_tencent_sql.h"

#include <string.h>

#define RAW CH_KB(64)
#define PICTURE CH_KB(8 * 1024)

static const struct ch_route routes[] = {
    /* WeChat Pay */
    {"POST", "/v3/pay/transactions/native", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.wechatpay_native",
     sandbox_wechatpay_native},
    {"GET", "/v3/pay/transactions/out-trade-no/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_query",
     sandbox_wechatpay_query},
    {"GET", "/v3/pay/transactions/id/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_query_id",
     sandbox_wechatpay_query_id},
    {"POST", "/v3/pay/transactions/out-trade-no/{no}/close", CH_VENDOR, NULL, RAW, CH_TX_SINGLE,
     "sandbox.wechatpay_close", sandbox_wechatpay_close},
    {"POST", "/v3/refund/domestic/refunds", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.wechatpay_refund",
     sandbox_wechatpay_refund},
    {"GET", "/v3/refund/domestic/refunds/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_refund_query",
     sandbox_wechatpay_refund_query},
    {"GET", "/v3/certificates", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_certificates",
     sandbox_wechatpay_certificates},
    {"GET", "/v3/bill/tradebill", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_tradebill",
     sandbox_wechatpay_tradebill},
    {"GET", "/v3/billdownload/file", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechatpay_download",
     sandbox_wechatpay_download},
    /* Tencent Cloud */
    {"POST", "/", CH_VENDOR, NULL, PICTURE, CH_TX_SINGLE, "sandbox.tencent", sandbox_tencent},
    {"GET", "/h5/{page}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.face_page", sandbox_face_page},
    {"POST", "/h5/{page}/pass", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_pass", sandbox_face_pass},
    {"POST", "/h5/{page}/fail", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_fail", sandbox_face_fail},
    {"POST", "/h5/{page}/quit", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_quit", sandbox_face_quit},
    /* China Merchants Bank */
    {"POST", "/cdcserver/api/v2", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.cmb", sandbox_cmb},
    /* Alipay */
    {"GET", "/gateway.do", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_get", sandbox_alipay},
    {"POST", "/gateway.do", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.alipay", sandbox_alipay},
    {"GET", "/bill/{token}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_bill", sandbox_alipay_bill},
    {"GET", "/cashier-error", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.alipay_error", sandbox_alipay_error},
    {"GET", "/cashier/{code}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_cashier", sandbox_alipay_cashier},
    {"POST", "/cashier/{code}/pay", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.alipay_cashier_pay",
     sandbox_alipay_cashier_pay},
    {"POST", "/cashier/{code}/quit", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.alipay_cashier_quit",
     sandbox_alipay_cashier_quit},
    /* Nuonuo */
    {"POST", "/open/v1/services", CH_VENDOR, NULL, CH_KB(1024), CH_TX_SINGLE, "sandbox.nuonuo", sandbox_nuonuo},
    {"POST", "/accessToken", CH_VENDOR, NULL, CH_KB(4), CH_TX_SINGLE, "sandbox.nuonuo_token", sandbox_nuonuo_token},
    {"GET", "/invoice/{file}/{kind}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.nuonuo_file", sandbox_nuonuo_file},
    /* SF Express, JD Logistics */
    {"POST", "/std/service", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.sf", sandbox_sf},
    {"POST", "/ecap/v1/orders/create", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.jd_create", sandbox_jd_create},
    {"POST", "/ecap/v1/orders/cancel", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.jd_cancel", sandbox_jd_cancel},
    {"POST", "/ecap/v1/orders/trace/query", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.jd_trace", sandbox_jd_trace},
    /* the newcomer's pages */
    {"GET", "/sandbox/api/inbox", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.inbox", sandbox_inbox},
    {"GET", "/sandbox/api/mails", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.mails", sandbox_mails},
    {"POST", "/sandbox/api/scan", CH_PUBLIC, &sandbox_scan_body, CH_KB(8), CH_TX_NONE, "sandbox.scan", sandbox_scan},
    {"GET", "/sandbox/api/cashier/{pr}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.cashier", sandbox_cashier},
    {"POST", "/sandbox/api/cashier/{pr}/pay", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.cashier_pay",
     sandbox_cashier_pay},
    {"GET", "/sandbox/api/statement", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.statement", sandbox_statement},
    {"GET", "/sandbox/api/person", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.person", sandbox_person},
    {"GET", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.paper", sandbox_paper},
    {"POST", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, PICTURE, CH_TX_NONE, "sandbox.paper_scan", sandbox_paper_scan},
    {"POST", "/sandbox/api/authenticator/assert", CH_PUBLIC, NULL, CH_KB(64), CH_TX_NONE,
     "sandbox.authenticator_assert", sandbox_authenticator_assert},
    {"GET", "/sandbox/api/switches", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.switches", sandbox_switches},
    {"PUT", "/sandbox/api/switches", CH_PUBLIC, &sandbox_switches_body, CH_KB(8), CH_TX_SEVERAL, "sandbox.switches_set",
     sandbox_switches_set},
    {"PUT", "/sandbox/api/templates", CH_PUBLIC, &sandbox_templates_body, CH_KB(64), CH_TX_SEVERAL,
     "sandbox.templates_set", sandbox_templates_set},
    {"PUT", "/sandbox/api/sms-callback", CH_PUBLIC, &sandbox_sms_callback_body, CH_KB(4), CH_TX_SINGLE,
     "sandbox.sms_callback_set", sandbox_sms_callback_set},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {
    sandbox_statements,         sandbox_alipay_statements,  sandbox_wechatpay_statements,
    sandbox_tencent_statements, sandbox_cmb_statements,     sandbox_mail_statements,
    sandbox_nuonuo_statements,  sandbox_courier_statements, NULL,
};

static const struct ch_module on = {.name = "sandbox",
                                    .routes = tables,
                                    .statements = statements,
                                    .sandbox_db = true,
                                    .needs = CH_NEEDS_EXEC,
                                    .start = sandbox_register_load};
static const struct ch_module off = {.name = "sandbox", .sandbox_db = true};

bool sandbox_host(const struct ch_req *r, const char *address)
{
    return strcmp(ch_fcgi(r, "VENDOR_HOST"), address) == 0;
}

enum ch_err sandbox_switched(struct ch_req *r, const char *key, bool *on_)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_switched_get, ch_p_text(key)), &rows);

    *on_ = e == CH_OK && ch_col_bool(&rows, 0, "out");
    return e;
}

char *sandbox_url_with(struct ch_arena *a, const char *url, const char *query)
{
    size_t n = strcspn(url, "#");

    return ch_printf(a, "%.*s%c%s%s", (int)n, url, memchr(url, '?', n) != NULL ? '&' : '?', query, url + n);
}

enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body)
{
    r->reply.status = status;
    r->reply.mime = mime;
    r->reply.body = CH_BYTES(body, strlen(body));
    return CH_OK;
}

enum ch_err sandbox_silence(struct ch_req *r)
{
    ch_header(r, "X-Accel-Redirect", "/silence");
    return ch_reply_empty(r);
}

int main(int argc, char **argv)
{
    bool asked = argc > 1; /* of itself, which needs no settings */
    bool open = asked || (ch_config_load() && ch_conf_bool(CONF_SANDBOX) && !ch_conf_bool(CONF_PRODUCTION));

    return ch_module_main(open ? &on : &off, argc, argv);
}
