/* SPDX-License-Identifier: Apache-2.0
 * Module review of the back office: the queues, an order with its papers, and the reviewer's decision. Everybody who works on
 * orders reads them here. Its table of routes. */
#include "modules/review/review.h"

#include "own_sql.h"

static const struct ch_route routes[] = {
    {"GET", "/desk/api/review/today", CH_OF_ORDER | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "review.today", ch_statement},
    {"POST", "/desk/api/review/search", CH_OF_ORDER, &review_search_body, CH_KB(1), CH_TX_SINGLE, "review.search",
     review_search},
    {"GET", "/desk/api/review/orders", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE, "review.list", review_list},
    {"GET", "/desk/api/review/orders/{id:uuid}", CH_OF_ORDER, NULL, 0, CH_TX_SEVERAL, "review.read", review_read},
    {"GET", "/desk/api/review/orders/{id:uuid}/papers/{code}", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "review.paper",
     review_paper},
    {"POST", "/desk/api/review/orders/{id:uuid}/statement", CH_REVIEWER, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "review.statement", review_statement},
    {"POST", "/desk/api/review/orders/{id:uuid}/approve", CH_REVIEWER, &review_approve_body, CH_KB(8), CH_TX_SEVERAL,
     "review.approve", review_approve},
    {"POST", "/desk/api/review/orders/{id:uuid}/reject", CH_REVIEWER, &review_reject_body, CH_KB(16), CH_TX_SINGLE,
     "review.reject", review_reject},
    {"POST", "/desk/api/review/orders/{id:uuid}/tray", CH_REVIEWER, &review_lay_body, CH_KB(4), CH_TX_SEVERAL,
     "review.tray_put", review_tray_put},
    {"DELETE", "/desk/api/review/orders/{id:uuid}/tray", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "review.tray_remove",
     ch_statement},
    {"GET", "/desk/api/review/tray", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "review.tray", ch_statement},
    {"POST", "/desk/api/review/tray/statement", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "review.tray_statement",
     review_tray_statement},
    {"POST", "/desk/api/review/tray/approve", CH_REVIEWER, &ch_decision_body, CH_KB(8), CH_TX_SEVERAL,
     "review.tray_approve", review_tray_approve},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {review_statements, own_statements, decision_statements,
                                                          form_statements, NULL};

static const struct ch_module review_module = {.name = "review",
                                               .routes = tables,
                                               .statements = statements,
                                               .keys = CH_KEYS_ORDER | CH_KEYS_PAPER | CH_KEYS_SEALPICTURE |
                                                       CH_KEYS_FIND | CH_KEYS_SESSION | CH_KEYS_BUCKET,
                                               .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&review_module, argc, argv);
}
