/* SPDX-License-Identifier: Apache-2.0
 * Module status: whether a certificate is still good, for programs (OCSP, revocation lists, the authority's certificates) and
 * for people. Nothing here signs: what is served was signed before, by the signer. */
#include "modules/status/status.h"

/* The routes of programs have no caller who could be checked: each takes one statement of its own (ch_peek). */
static const struct ch_route routes[] = {
    {"POST", "/ocsp", CH_PUBLIC, NULL, 10000, CH_TX_NONE, "status.ocsp_post", status_ocsp_post},
    {"GET", "/ocsp/{request}", CH_PUBLIC, NULL, 0, CH_TX_NONE, "status.ocsp_get", status_ocsp_get},
    {"GET", "/crl/{file}", CH_PUBLIC, NULL, 0, CH_TX_NONE, "status.crl", status_crl},
    {"GET", "/ocsp/api/status", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "status.serial", status_serial},
    {"POST", "/ocsp/api/find", CH_PUBLIC, &status_find_body, CH_KB(1), CH_TX_SINGLE, "status.find", status_find},
    {"GET", "/ocsp/api/mine", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "status.mine", ch_statement},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {status_statements, NULL};

static const struct ch_module status_module = {.name = "status", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&status_module, argc, argv);
}
