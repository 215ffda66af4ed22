/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_GATE_INPUT_H
#define MODULE_GATE_INPUT_H

#include "modules/gate/gate.h"

#include <string.h>

struct gate_sms_code_in {
    const char *phone, *purpose;
};
struct gate_login_sms_in {
    const char *phone, *code;
};
struct gate_login_password_in {
    const char *phone, *password;
};
struct gate_register_in {
    const char *phone, *code, *password;
};
struct gate_code_in {
    const char *purpose;
    const char *phone; /* of new_phone */
};
struct gate_profile_in {
    const char *name, *email;
};
struct gate_password_in {
    const char *old, *code; /* one of the two */
    const char *password;
};
struct gate_phone_in {
    const char *code;            /* on the old phone */
    const char *phone, *new_code;
};
struct gate_hand_over_in {
    const char *order;           /* an order of the unit */
    bool whole;                  /* all orders of the unit, not this one alone */
    const char *phone;           /* of whoever takes them */
    const char *code;            /* on one's own phone */
};
struct gate_accept_in {
    const char *code;
};

#endif
