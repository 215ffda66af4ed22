/* SPDX-License-Identifier: Apache-2.0
 * Module finauth: the applicant's part of the bank account proof: entering and correcting the account, typing in the random code
 * or letting the unit's finance person do so, and the legal person in place of the account. */
#include "modules/finauth/finauth.h"

// clang-format off
#define OF_ORDER(verb, rest, body, cap, tx, op, handle) \
    {verb, "/{slug}/api/finauth/orders/{id:uuid}" rest, CH_APPLICANT, body, cap, tx, "finauth." op, handle}
// clang-format on

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/finauth/banks", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "finauth.banks", finauth_banks},
    OF_ORDER("GET", "", NULL, 0, CH_TX_SINGLE, "get", finauth_get),
    OF_ORDER("PUT", "/account", &finauth_account_body, CH_KB(2), CH_TX_SEVERAL, "account", finauth_account),
    OF_ORDER("POST", "/payout", NULL, 0, CH_TX_SEVERAL, "payout", finauth_payout),
    /* A wrong code must be counted although the request is refused, so each statement is a transaction of its own. */
    OF_ORDER("POST", "/code", &finauth_code_body, CH_KB(1), CH_TX_EACH, "code", finauth_code),
    OF_ORDER("POST", "/code-link", NULL, 0, CH_TX_SINGLE, "code_link", finauth_code_link),
    OF_ORDER("GET", "/legal", NULL, 0, CH_TX_SINGLE, "legal", finauth_legal),
    OF_ORDER("POST", "/legal", &finauth_legal_body, CH_KB(1), CH_TX_SEVERAL, "legal_link", finauth_legal_link),
    {"GET", "/{slug}/api/finauth/code", CH_CODE, NULL, 0, CH_TX_SINGLE, "finauth.link_view", ch_statement},
    {"POST", "/{slug}/api/finauth/code", CH_CODE, &finauth_code_body, CH_KB(1), CH_TX_EACH, "finauth.link_code",
     finauth_link_code},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {finauth_statements, NULL};

static const struct ch_module finauth_module = {
    .name = "finauth", .routes = tables, .statements = statements, .keys = CH_KEYS_ORDER | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&finauth_module, argc, argv);
}
