/* SPDX-License-Identifier: Apache-2.0
 * Module status: whether a certificate is valid, for programs (OCSP, revocation lists, the authority's certificates) and for
 * people. This module signs nothing: the signer has signed beforehand what is handed out here. Its table of routes. */
#include "modules/status/status.h"

/* The routes for programs need no session, so each runs its statement outside of a transaction (ch_peek). */
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

static const struct ch_module status_module = {
    .name = "status", .routes = tables, .statements = statements, .keys = CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&status_module, argc, argv);
}
