/* SPDX-License-Identifier: Apache-2.0
 * Module orders: the applicant's own orders, of all kinds of business. Its table of routes. */
#include "modules/orders/orders.h"

#include "form_sql.h"
#include "own_sql.h"
#include "receipt_sql.h"

static enum ch_err get_order(struct ch_req *r)
{
    return ch_order_after(r, 200, ch_var(r, "id"), NULL, 0);
}

/* Whether there is news of the order: 304 for whoever has the tag already. */
static enum ch_err get_version(struct ch_req *r)
{
    struct ch_rows rows;
    const char *out;

    enum ch_err e = ch_run(r, CH_CALL(&orders_version, ch_p_text(ch_var(r, "id"))), &rows);
    if (e == CH_OK)
        e = ch_col_out(r, &rows, &out);
    if (e != CH_OK)
        return e;
    return ch_tag_known(r, ch_col_text(&rows, 0, "tag")) ? ch_reply_bytes(r, 304, NULL, CH_BYTES(NULL, 0))
                                                         : ch_reply_json(r, 200, out);
}

static enum ch_err cancel_order(struct ch_req *r)
{
    return ch_order_event(r, &orders_cancel);
}

static enum ch_err confirm_received(struct ch_req *r)
{
    return ch_order_event(r, &orders_received);
}

static const struct ch_field publication_fields[] = {
    CH_IN_BOOL(struct orders_publication_in, published, CH_REQUIRED),
};
static const struct ch_input publication_body = CH_INPUT(struct orders_publication_in, publication_fields);

/* Whether strangers see what is in the order's certificates. */
static enum ch_err put_publication(struct ch_req *r)
{
    const struct orders_publication_in *in = r->in;
    const char *id = ch_var(r, "id");
    const struct ch_call call = CH_CALL(&orders_publish, ch_p_text(id), ch_p_bool(in->published));

    return ch_order_after(r, 200, id, &call, 1);
}

/* A link to a page of the order that shows how it stands and can do nothing. */
static enum ch_err make_share(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&orders_share_new, ch_p_text(ch_var(r, "id")), ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    return e == CH_OK ? ch_reply_link(r, "progress", token, ch_col(&rows, 0, "expires_at")) : e;
}

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/orders", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.list", orders_list},
    {"GET", "/{slug}/api/orders/shared/page", CH_SHARE, NULL, 0, CH_TX_SINGLE, "orders.shared", ch_statement},
    {"GET", "/{slug}/api/orders/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.get", get_order},
    {"GET", "/{slug}/api/orders/{id:uuid}/version", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.version", get_version},
    {"GET", "/{slug}/api/orders/{id:uuid}/course", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.course", ch_statement},
    {"GET", "/{slug}/api/orders/{id:uuid}/readings", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.readings", orders_readings},
    {"GET", "/{slug}/api/orders/{id:uuid}/earlier", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.earlier", orders_earlier},
    {"GET", "/{slug}/api/orders/{id:uuid}/receipt.json", CH_APPLICANT, NULL, 0, CH_TX_SEVERAL, "orders.receipt",
     orders_receipt},
    {"POST", "/{slug}/api/orders/{id:uuid}/cancel", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "orders.cancel", cancel_order},
    {"POST", "/{slug}/api/orders/{id:uuid}/received", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "orders.received", confirm_received},
    {"PUT", "/{slug}/api/orders/{id:uuid}/publication", CH_APPLICANT, &publication_body, CH_KB(1), CH_TX_SINGLE,
     "orders.publication", put_publication},
    {"POST", "/{slug}/api/orders/{id:uuid}/refund", CH_APPLICANT, &orders_refund_body, CH_KB(4), CH_TX_SINGLE,
     "orders.refund", orders_refund},
    {"POST", "/{slug}/api/orders/{id:uuid}/refund/withdraw", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "orders.refund_withdraw", orders_refund_undo},
    {"GET", "/{slug}/api/orders/{id:uuid}/certificates", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.certificates",
     orders_certificates},
    {"GET", "/{slug}/api/orders/{id:uuid}/certificates/{serial}/certificate.cer", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "orders.certificate", orders_certificate},
    {"GET", "/{slug}/api/orders/{id:uuid}/certificates/{serial}/chain.p7b", CH_APPLICANT, NULL, 0, CH_TX_SEVERAL,
     "orders.chain", orders_chain},
    {"POST", "/{slug}/api/orders/{id:uuid}/key-file", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.key_file", orders_key_file},
    {"GET", "/{slug}/api/orders/{id:uuid}/messages", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.messages", ch_statement},
    {"GET", "/{slug}/api/orders/{id:uuid}/loss", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.loss", ch_statement},
    {"POST", "/{slug}/api/orders/{id:uuid}/loss", CH_APPLICANT, &orders_loss_body, CH_KB(1), CH_TX_SINGLE,
     "orders.loss_report", orders_loss_report},
    {"POST", "/{slug}/api/orders/{id:uuid}/loss/undo", CH_APPLICANT, &orders_loss_body, CH_KB(1), CH_TX_SINGLE,
     "orders.loss_undo", orders_loss_undo},
    {"GET", "/{slug}/api/orders/{id:uuid}/share", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.share", ch_statement},
    {"POST", "/{slug}/api/orders/{id:uuid}/share", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.share_make", make_share},
    {"DELETE", "/{slug}/api/orders/{id:uuid}/share", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "orders.share_withdraw",
     ch_statement},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {orders_statements, own_statements, form_statements,
                                                          receipt_statements, NULL};

static const struct ch_module orders_module = {
    .name = "orders", .routes = tables, .statements = statements, .keys = CH_KEYS_ORDER | CH_KEYS_MONEY | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&orders_module, argc, argv);
}
