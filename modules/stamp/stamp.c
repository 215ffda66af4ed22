/* SPDX-License-Identifier: Apache-2.0
 * Module stamp: the applicant's electronic seal: its picture drawn or cut out of the scan, looked at and accepted, and the
 * finished seal fetched. */
#include "modules/stamp/stamp.h"

/* A picture takes its time, and so does a scan out of the store: no transaction is open meanwhile. */
static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/stamp/orders/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "stamp.get", stamp_get},
    {"POST", "/{slug}/api/stamp/orders/{id:uuid}/preview", CH_APPLICANT, &stamp_preview_body, CH_KB(1), CH_TX_EACH,
     "stamp.preview", stamp_preview},
    {"POST", "/{slug}/api/stamp/orders/{id:uuid}/accept", CH_APPLICANT, &stamp_accept_body, CH_KB(1), CH_TX_EACH,
     "stamp.accept", stamp_accept},
    {"GET", "/{slug}/api/stamp/orders/{id:uuid}/picture.png", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "stamp.png", stamp_png},
    {"GET", "/{slug}/api/stamp/orders/{id:uuid}/picture.svg", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "stamp.svg", stamp_svg},
    {"GET", "/{slug}/api/stamp/orders/{id:uuid}/seal.esl", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "stamp.seal", stamp_seal},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {stamp_statements, NULL};

static const struct ch_module stamp_module = {.name = "stamp", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&stamp_module, argc, argv);
}
