/* SPDX-License-Identifier: Apache-2.0
 * Module gate: how people come in. The partner's link, log-in and registration, and what the first pages show. */
#include "modules/gate/gate.h"

static const struct ch_route routes[] = {
    {"GET", "/healthz", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.health", gate_health},
    {"GET", "/hall/api/gate/home", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.home", gate_home},
    {"GET", "/hall/api/gate/regions", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.regions", gate_regions},
    {"GET", "/{slug}/getLogin", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.link", gate_link},
    {"GET", "/{slug}/api/gate/session", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.session", gate_session},
    {"POST", "/{slug}/api/gate/sms-code", CH_PUBLIC, &gate_sms_code_body, CH_KB(1), CH_TX_SINGLE, "gate.sms_code",
     gate_sms_code},
    {"POST", "/{slug}/api/gate/login-sms", CH_PUBLIC, &gate_login_sms_body, CH_KB(1), CH_TX_SINGLE, "gate.login_sms",
     gate_login_sms},
    {"POST", "/{slug}/api/gate/login-password", CH_PUBLIC, &gate_login_password_body, CH_KB(1), CH_TX_SINGLE,
     "gate.login_password", gate_login_password},
    {"POST", "/{slug}/api/gate/register", CH_PUBLIC, &gate_register_body, CH_KB(1), CH_TX_SINGLE, "gate.register",
     gate_register},
    {"POST", "/{slug}/api/gate/logout", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.logout", gate_logout},
    {0},
};

static const struct ch_stmt *const *const statements[] = {gate_statements, NULL};

static const struct ch_module gate_module = {.name = "gate", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&gate_module, argc, argv);
}
