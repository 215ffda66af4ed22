/* SPDX-License-Identifier: Apache-2.0
 * Module orders: the applicant's own orders, whatever business they are of. */
#include "modules/orders/orders.h"

#include "form_sql.h"
#include "own_sql.h"

static enum ch_err get(struct ch_req *r)
{
    const char *id;
    enum ch_err e = ch_var_uuid(r, "id", &id);
    return e == CH_OK ? ch_order_after(r, 200, id, NULL, 0) : e;
}

static enum ch_err cancel(struct ch_req *r)
{
    return ch_order_event(r, &orders_cancel);
}

static enum ch_err received(struct ch_req *r)
{
    return ch_order_event(r, &orders_received);
}

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/orders", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.list", orders_list},
    {"GET", "/{slug}/api/orders/{id}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.get", get},
    {"GET", "/{slug}/api/orders/{id}/course", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.course", orders_course},
    {"POST", "/{slug}/api/orders/{id}/cancel", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE, "orders.cancel", cancel},
    {"POST", "/{slug}/api/orders/{id}/received", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE, "orders.received",
     received},
    {"POST", "/{slug}/api/orders/{id}/refund", CH_APPLICANT, &orders_refund_body, CH_KB(4), CH_TX_SINGLE, "orders.refund",
     orders_refund},
    {"POST", "/{slug}/api/orders/{id}/refund/withdraw", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "orders.refund_withdraw", orders_refund_undo},
    {"GET", "/{slug}/api/orders/{id}/certificates", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.certificates",
     orders_certificates},
    {"GET", "/{slug}/api/orders/{id}/certificates/{serial}/certificate.cer", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "orders.certificate", orders_certificate},
    {"GET", "/{slug}/api/orders/{id}/certificates/{serial}/chain.p7b", CH_APPLICANT, NULL, 0, CH_TX_SEVERAL, "orders.chain",
     orders_chain},
    {"POST", "/{slug}/api/orders/{id}/key-file", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.key_file", orders_key_file},
    {"GET", "/{slug}/api/orders/{id}/messages", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.messages", orders_messages},
    {"GET", "/{slug}/api/orders/{id}/loss", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.loss", orders_loss},
    {"POST", "/{slug}/api/orders/{id}/loss", CH_APPLICANT, &orders_loss_body, CH_KB(1), CH_TX_SINGLE, "orders.loss_report",
     orders_loss_report},
    {"POST", "/{slug}/api/orders/{id}/loss/undo", CH_APPLICANT, &orders_loss_body, CH_KB(1), CH_TX_SINGLE, "orders.loss_undo",
     orders_loss_undo},
    {0},
};

static const struct ch_stmt *const *const statements[] = {orders_statements, own_statements, form_statements, NULL};

static const struct ch_module orders_module = {.name = "orders", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&orders_module, argc, argv);
}
