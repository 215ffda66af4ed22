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

#endif
