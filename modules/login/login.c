/* SPDX-License-Identifier: Apache-2.0
 * Module login of the back office: the only program that opens sessions of staff. Its table of routes. */
#include "modules/login/login.h"

static const struct ch_route routes[] = {
    {"POST", "/desk/api/login/challenge", CH_PUBLIC, &login_challenge_body, CH_KB(1), CH_TX_SINGLE, "login.challenge",
     login_challenge},
    {"POST", "/desk/api/login/session", CH_PUBLIC, &login_open_body, CH_KB(8), CH_TX_SEVERAL, "login.open", login_open},
    {"GET", "/desk/api/login/session", CH_STAFF, NULL, 0, CH_TX_SINGLE, "login.session", login_session},
    {"POST", "/desk/api/login/logout", CH_STAFF, NULL, 0, CH_TX_SINGLE, "login.logout", login_logout},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {login_statements, NULL};

static const struct ch_module login_module = {
    .name = "login", .routes = tables, .statements = statements, .keys = CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&login_module, argc, argv);
}
