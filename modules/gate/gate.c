/* SPDX-License-Identifier: Apache-2.0
 * Module gate lets people in and serves what belongs to their account: its table of routes. */
#include "modules/gate/gate.h"

#include "modules/gate/password.h"

static const struct ch_route routes[] = {
    {"GET", "/healthz", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.health", gate_health},
    {"GET", "/hall/api/gate/home", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.home", gate_home},
    {"GET", "/hall/api/gate/regions", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.regions", gate_regions},
    {"GET", "/{slug}/getLogin", CH_PUBLIC, NULL, 0, CH_TX_EACH, "gate.link", gate_link},
    {"GET", "/{slug}/api/gate/page", CH_PUBLIC, NULL, 0, CH_TX_EACH, "gate.page", gate_page},
    {"GET", "/{slug}/api/gate/session", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.session", gate_session},
    {"POST", "/{slug}/api/gate/sms-code", CH_PUBLIC, &gate_sms_code_body, CH_KB(1), CH_TX_SINGLE, "gate.sms_code",
     gate_sms_code},
    {"POST", "/{slug}/api/gate/login-sms", CH_PUBLIC, &gate_login_sms_body, CH_KB(1), CH_TX_SINGLE, "gate.login_sms",
     gate_login_sms},
    {"POST", "/{slug}/api/gate/login-password", CH_PUBLIC, &gate_login_password_body, CH_KB(1), CH_TX_EACH,
     "gate.login_password", gate_login_password},
    {"POST", "/{slug}/api/gate/register", CH_PUBLIC, &gate_register_body, CH_KB(1), CH_TX_SINGLE, "gate.register",
     gate_register},
    {"POST", "/{slug}/api/gate/password-reset", CH_PUBLIC, &gate_register_body, CH_KB(1), CH_TX_SINGLE, "gate.reset",
     gate_reset},
    {"GET", "/{slug}/api/gate/help", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.help", ch_statement},
    {"POST", "/{slug}/api/gate/code", CH_APPLICANT, &gate_code_body, CH_KB(1), CH_TX_EACH, "gate.code", gate_code},
    {"GET", "/{slug}/api/gate/profile", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.profile", gate_profile},
    {"GET", "/{slug}/api/gate/own", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.own", gate_own},
    {"PUT", "/{slug}/api/gate/profile", CH_APPLICANT, &gate_profile_body, CH_KB(2), CH_TX_EACH, "gate.profile_put",
     gate_profile_put},
    {"POST", "/{slug}/api/gate/password", CH_APPLICANT, &gate_password_body, CH_KB(1), CH_TX_EACH, "gate.password",
     gate_password},
    {"POST", "/{slug}/api/gate/phone", CH_APPLICANT, &gate_phone_body, CH_KB(1), CH_TX_EACH, "gate.phone", gate_phone},
    {"GET", "/{slug}/api/gate/sessions", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.sessions", gate_sessions},
    {"POST", "/{slug}/api/gate/sessions/end", CH_APPLICANT, &gate_sessions_end_body, CH_KB(1), CH_TX_EACH,
     "gate.sessions_end", gate_sessions_end},
    {"POST", "/{slug}/api/gate/rebinding", CH_PUBLIC, &gate_rebinding_body, CH_KB(1), CH_TX_SINGLE, "gate.rebinding",
     gate_rebinding},
    {"DELETE", "/{slug}/api/gate/rebinding", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.rebinding_stop", ch_statement},
    {"GET", "/{slug}/api/gate/closing", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.closing", ch_statement},
    {"POST", "/{slug}/api/gate/closing", CH_APPLICANT, &gate_accept_body, CH_KB(1), CH_TX_EACH, "gate.close", gate_close},
    {"GET", "/{slug}/api/gate/units", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.units", gate_units},
    {"GET", "/{slug}/api/gate/calendar", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.calendar", ch_statement},
    {"POST", "/{slug}/api/gate/calendar", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.calendar_make", gate_calendar_make},
    {"DELETE", "/{slug}/api/gate/calendar", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.calendar_end", ch_statement},
    {"GET", "/hall/api/gate/calendar.ics", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "gate.calendar_read", gate_calendar_read},
    {"GET", "/{slug}/api/gate/messages", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.messages", ch_statement},
    {"PUT", "/{slug}/api/gate/messages", CH_APPLICANT, &gate_messages_body, CH_KB(1), CH_TX_SINGLE, "gate.messages_put",
     ch_statement},
    {"GET", "/{slug}/api/gate/hand-overs", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.hand_overs", gate_hand_overs},
    {"POST", "/{slug}/api/gate/hand-overs", CH_APPLICANT, &gate_hand_over_body, CH_KB(1), CH_TX_EACH, "gate.hand_over",
     gate_hand_over},
    {"POST", "/{slug}/api/gate/hand-overs/{id:uuid}/accept", CH_APPLICANT, &gate_accept_body, CH_KB(1), CH_TX_EACH,
     "gate.hand_over_accept", gate_hand_over_accept},
    {"DELETE", "/{slug}/api/gate/hand-overs/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.hand_over_end",
     ch_statement},
    {"POST", "/{slug}/api/gate/logout", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "gate.logout", gate_logout},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {gate_statements, NULL};

static const struct ch_module gate_module = {.name = "gate",
                                             .routes = tables,
                                             .statements = statements,
                                             .keys = CH_KEYS_ACCOUNT | CH_KEYS_PARTNER | CH_KEYS_TICKET | CH_KEYS_FIND |
                                                     CH_KEYS_SESSION,
                                             .start = gate_passwords_load};

int main(int argc, char **argv)
{
    return ch_module_main(&gate_module, argc, argv);
}
