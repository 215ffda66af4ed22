/* SPDX-License-Identifier: Apache-2.0
 * Module finauth: proof of the unit's bank account, as far as the applicant has to do with it: giving the account, and
 * mending it after the bank has refused the payout. */
#include "modules/finauth/finauth.h"

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/finauth/banks", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "finauth.banks", finauth_banks},
    {"GET", "/{slug}/api/finauth/orders/{id}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "finauth.get", finauth_get},
    {"PUT", "/{slug}/api/finauth/orders/{id}/account", CH_APPLICANT, &finauth_account_body, CH_KB(2), CH_TX_SEVERAL,
     "finauth.account", finauth_account},
    {0},
};

static const struct ch_stmt *const *const statements[] = {finauth_statements, NULL};

static const struct ch_module finauth_module = {.name = "finauth", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&finauth_module, argc, argv);
}
