/* SPDX-License-Identifier: Apache-2.0
 * Module review of the back office: the queues, an order with its papers, and the reviewer's decision. Everybody who works on
 * orders reads them here. Its table of routes. */
#include "modules/review/review.h"

static const struct ch_route routes[] = {
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
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {review_statements, decision_statements, form_statements, NULL};

static const struct ch_module review_module = {.name = "review",
                                               .routes = tables,
                                               .statements = statements,
                                               .keys = CH_KEYS_ORDER | CH_KEYS_PAPER | CH_KEYS_SEALPICTURE |
                                                       CH_KEYS_SESSION | CH_KEYS_BUCKET,
                                               .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&review_module, argc, argv);
}
