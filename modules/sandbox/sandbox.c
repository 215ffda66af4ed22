/* SPDX-License-Identifier: Apache-2.0
 * Module sandbox: the outside services' side, for development, tests and newcomers. See README.md.
 *
 * Nothing of it answers unless setting sandbox is on and production is off: the table of routes is empty then. */
#include "modules/sandbox/sandbox.h"

#include "core/base/config.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define RAW CH_KB(64)
#define PICTURE CH_KB(8 * 1024)

static const struct ch_route routes[] = {
    /* WeChat Pay */
    {"POST", "/v3/pay/transactions/native", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.wechat_native",
     sandbox_wechat_native},
    {"GET", "/v3/pay/transactions/out-trade-no/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechat_query",
     sandbox_wechat_query},
    {"GET", "/v3/pay/transactions/id/{no}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.wechat_query_id",
     sandbox_wechat_query_id},
    {"POST", "/v3/pay/transactions/out-trade-no/{no}/close", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.wechat_close",
     sandbox_wechat_close},
    /* Tencent Cloud */
    {"POST", "/", CH_VENDOR, NULL, PICTURE, CH_TX_SINGLE, "sandbox.tencent", sandbox_tencent},
    {"GET", "/h5/{page}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.face_page", sandbox_face_page},
    {"POST", "/h5/{page}/pass", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_pass", sandbox_face_pass},
    {"POST", "/h5/{page}/fail", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_fail", sandbox_face_fail},
    {"POST", "/h5/{page}/quit", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.face_quit", sandbox_face_quit},
    /* China Merchants Bank */
    {"POST", "/cdcserver/api/v2", CH_VENDOR, NULL, RAW, CH_TX_SINGLE, "sandbox.cmb", sandbox_cmb},
    /* the newcomer's pages */
    {"GET", "/sandbox/api/inbox", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.inbox", sandbox_inbox},
    {"POST", "/sandbox/api/scan", CH_PUBLIC, &sandbox_scan_body, CH_KB(8), CH_TX_NONE, "sandbox.scan", sandbox_scan},
    {"GET", "/sandbox/api/cashier/{pr}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.cashier", sandbox_cashier},
    {"POST", "/sandbox/api/cashier/{pr}/pay", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.cashier_pay",
     sandbox_cashier_pay},
    {"GET", "/sandbox/api/statement", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.statement", sandbox_statement},
    {"GET", "/sandbox/api/person", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.person", sandbox_person},
    {"GET", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.paper", sandbox_paper},
    {"POST", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, PICTURE, CH_TX_NONE, "sandbox.paper_scan",
     sandbox_paper_scan},
    {"GET", "/sandbox/api/switches", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.switches", sandbox_switches},
    {"PUT", "/sandbox/api/switches", CH_PUBLIC, &sandbox_switches_body, CH_KB(8), CH_TX_SEVERAL, "sandbox.switches_set",
     sandbox_switches_set},
    {"PUT", "/sandbox/api/templates", CH_PUBLIC, &sandbox_templates_body, CH_KB(64), CH_TX_SEVERAL,
     "sandbox.templates_set", sandbox_templates_set},
    {0},
};

static const struct ch_route no_routes[] = {{0}};
static const struct ch_stmt *const *const statements[] = {sandbox_statements, NULL};
static const struct ch_stmt *const *const no_statements[] = {NULL};

static const struct ch_module on = {
    .name = "sandbox", .routes = routes, .statements = statements, .sandbox_db = true, .start = sandbox_register_load};
static const struct ch_module off = {
    .name = "sandbox", .routes = no_routes, .statements = no_statements, .sandbox_db = true};

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

enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body)
{
    r->reply.status = status;
    r->reply.mime = mime;
    r->reply.body = CH_BYTES(body, strlen(body));
    return CH_OK;
}

int main(int argc, char **argv)
{
    bool table = argc > 1 && strcmp(argv[1], "--routes") == 0;
    bool open = table || (ch_config_load() && ch_conf_bool(CONF_SANDBOX) && !ch_conf_bool(CONF_PRODUCTION));

    return ch_module_main(open ? &on : &off, argc, argv);
}
