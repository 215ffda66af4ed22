/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_GATE_H
#define MODULE_GATE_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "gate_sql.h"

extern const struct ch_input gate_sms_code_body, gate_login_sms_body, gate_login_password_body, gate_register_body;

/* pages.c: what is shown before anybody has logged in */
ch_handler gate_health, gate_home, gate_regions, gate_link, gate_session;
/* login.c */
ch_handler gate_sms_code, gate_login_sms, gate_login_password, gate_register, gate_logout;

#endif
