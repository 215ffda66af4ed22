/* SPDX-License-Identifier: Apache-2.0
 * Module reissue: a certificate whose medium was lost is made again. Its own are the look at the certificate, the draft that
 * begins with what stands in it, and a form in which that stays; the rest is the flow of every kind of business. */
#include "modules/reissue/reissue.h"

#include "flow_sql.h"
#include "own_sql.h"

/* The last two take the place of the flow's: a draft begins with a certificate, and what stands in it stays. */
static const struct ch_route routes[] = {
    {"POST", "/{slug}/api/reissue/certificate", CH_APPLICANT, &reissue_find_body, CH_KB(1), CH_TX_SINGLE, "reissue.find",
     reissue_find},
    {"POST", "/{slug}/api/reissue/orders", CH_APPLICANT, &reissue_create_body, CH_KB(4), CH_TX_EACH, "reissue.create",
     reissue_create},
    {"PUT", "/{slug}/api/reissue/orders/{id:uuid}/form", CH_APPLICANT, &ch_flow_save_body, CH_KB(32), CH_TX_SEVERAL,
     "reissue.save", reissue_save},
    {0},
};

static const struct ch_route *const tables[] = {routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {reissue_statements, flow_statements, own_statements, form_statements, NULL};

static const struct ch_module reissue_module = {.name = "reissue", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&reissue_module, argc, argv);
}
