/* SPDX-License-Identifier: Apache-2.0
 * Module finance of the back office: payments, transfers, refunds, payouts, bills and invoices. Its table of routes. */
#include "modules/finance/finance.h"

static const struct ch_route routes[] = {
    {"GET", "/desk/api/finance/money", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "finance.money", finance_money},
    {"GET", "/desk/api/finance/money.csv", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_EACH, "finance.money_csv",
     finance_money_csv},
    {"GET", "/desk/api/finance/orders/{id:uuid}/money", CH_FINANCE | CH_AUDITOR, NULL, 0, CH_TX_SINGLE,
     "finance.order_money", finance_order_money_get},
    {"GET", "/desk/api/finance/orders/{id:uuid}/vouchers/{voucher:uuid}", CH_FINANCE, NULL, 0, CH_TX_SINGLE,
     "finance.voucher", finance_voucher},
    {"POST", "/desk/api/finance/orders/{id:uuid}/transfer/confirm/statement", CH_FINANCE, &finance_confirm_asked,
     CH_KB(8), CH_TX_SEVERAL, "finance.confirm_statement", finance_confirm_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/transfer/confirm", CH_FINANCE, &finance_confirm_body, CH_KB(16),
     CH_TX_SEVERAL, "finance.transfer_confirm", finance_transfer_confirm},
    {"POST", "/desk/api/finance/orders/{id:uuid}/transfer/refuse", CH_FINANCE, &finance_why_body, CH_KB(4),
     CH_TX_SINGLE, "finance.transfer_refuse", finance_transfer_refuse},
    {"POST", "/desk/api/finance/orders/{id:uuid}/transfer/surplus/statement", CH_FINANCE, &finance_surplus_asked,
     CH_KB(8), CH_TX_SEVERAL, "finance.surplus_statement", finance_surplus_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/transfer/surplus", CH_FINANCE, &finance_surplus_body, CH_KB(16),
     CH_TX_SEVERAL, "finance.transfer_surplus", finance_transfer_surplus},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund/statement", CH_FINANCE, &finance_refund_asked, CH_KB(4),
     CH_TX_SINGLE, "finance.refund_statement", finance_refund_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund", CH_FINANCE, &finance_refund_body, CH_KB(16), CH_TX_SEVERAL,
     "finance.refund", finance_refund_ask},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund/withdraw", CH_FINANCE, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "finance.refund_withdraw", finance_refund_withdraw},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund/approve/statement", CH_FINANCE, &finance_approve_asked,
     CH_KB(4), CH_TX_SINGLE, "finance.approve_statement", finance_approve_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund/approve", CH_FINANCE, &finance_approve_body, CH_KB(16),
     CH_TX_SEVERAL, "finance.refund_approve", finance_refund_approve},
    {"POST", "/desk/api/finance/orders/{id:uuid}/refund/refuse", CH_FINANCE, &finance_why_body, CH_KB(4), CH_TX_SINGLE,
     "finance.refund_refuse", finance_refund_refuse},
    {"POST", "/desk/api/finance/refunds/{id:uuid}/settle/statement", CH_FINANCE, &finance_settle_asked, CH_KB(1),
     CH_TX_SINGLE, "finance.settle_statement", finance_settle_statement},
    {"POST", "/desk/api/finance/refunds/{id:uuid}/settle", CH_FINANCE, &finance_settle_body, CH_KB(8), CH_TX_SEVERAL,
     "finance.refund_settle", finance_refund_settle},
    {"POST", "/desk/api/finance/payments/{id:uuid}/settle/statement", CH_FINANCE, &finance_odd_asked, CH_KB(8),
     CH_TX_SINGLE, "finance.odd_statement", finance_odd_statement},
    {"POST", "/desk/api/finance/payments/{id:uuid}/settle", CH_FINANCE, &finance_odd_body, CH_KB(16), CH_TX_SEVERAL,
     "finance.odd_settle", finance_odd_settle},
    {"GET", "/desk/api/finance/bills", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "finance.bills", finance_bills},
    {"POST", "/desk/api/finance/bills", CH_FINANCE, &finance_bill_body, CH_KB(1), CH_TX_SINGLE, "finance.bill_want",
     finance_bill_want},
    {"GET", "/desk/api/finance/bills/{id:uuid}", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "finance.bill",
     ch_statement},
    {"GET", "/desk/api/finance/bills/{id:uuid}/differences.csv", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE,
     "finance.bill_csv", finance_bill_csv},
    {"GET", "/desk/api/finance/payouts", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "finance.payouts", finance_payouts},
    {"POST", "/desk/api/finance/payouts/{id:uuid}/{what}", CH_FINANCE, NULL, 0, CH_TX_SINGLE, "finance.payout",
     finance_payout},
    {"GET", "/desk/api/finance/entries", CH_FINANCE | CH_AUDITOR, NULL, 0, CH_TX_SINGLE, "finance.entries", finance_entries},
    {"GET", "/desk/api/finance/orders/{id:uuid}/payouts", CH_CLERK | CH_OVERSEER, NULL, 0, CH_TX_SINGLE,
     "finance.order_payouts", ch_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/payout/statement", CH_FINANCE, &finance_again_asked, CH_KB(1),
     CH_TX_SINGLE, "finance.payout_statement", finance_payout_statement},
    {"POST", "/desk/api/finance/orders/{id:uuid}/payout", CH_FINANCE, &finance_again_body, CH_KB(8), CH_TX_SEVERAL,
     "finance.payout_again", finance_payout_again},
    {"GET", "/desk/api/finance/invoices", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "finance.invoices",
     finance_invoices},
    {"GET", "/desk/api/finance/invoices.csv", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_EACH, "finance.invoices_csv",
     finance_invoices_csv},
    {"GET", "/desk/api/finance/invoices/{id:uuid}", CH_FINANCE, NULL, 0, CH_TX_SINGLE, "finance.invoice", finance_invoice},
    {"POST", "/desk/api/finance/invoices/{id:uuid}/retry", CH_FINANCE, NULL, 0, CH_TX_SINGLE, "finance.invoice_retry",
     finance_invoice_retry},
    {"PUT", "/desk/api/finance/invoices/{id:uuid}/buyer", CH_FINANCE, &finance_buyer_body, CH_KB(2), CH_TX_SINGLE,
     "finance.invoice_buyer", finance_invoice_buyer},
    {"POST", "/desk/api/finance/invoices/{id:uuid}/close", CH_FINANCE, &finance_red_body, CH_KB(1), CH_TX_SINGLE,
     "finance.invoice_close", finance_invoice_close},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {finance_statements, NULL};

static const struct ch_module finance_module = {.name = "finance",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ACT | CH_KEYS_ORDER | CH_KEYS_MONEY | CH_KEYS_PAPER |
                                                        CH_KEYS_SESSION | CH_KEYS_BUCKET,
                                                .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&finance_module, argc, argv);
}
