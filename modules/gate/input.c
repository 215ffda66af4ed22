/* SPDX-License-Identifier: Apache-2.0
 * Bodies of module gate. */
#include "modules/gate/input.h"

#include "core/hall/rule.h"

static const char *rule_purpose(const char *s)
{
    return strcmp(s, "login") == 0 || strcmp(s, "register") == 0 ? NULL : "用途不正确。";
}

static const struct ch_field sms_code_fields[] = {
    CH_IN_TEXT(struct gate_sms_code_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_sms_code_in, purpose, CH_REQUIRED, 5, 8, rule_purpose),
};
const struct ch_input gate_sms_code_body = CH_INPUT(struct gate_sms_code_in, sms_code_fields);

static const struct ch_field login_sms_fields[] = {
    CH_IN_TEXT(struct gate_login_sms_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_login_sms_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};
const struct ch_input gate_login_sms_body = CH_INPUT(struct gate_login_sms_in, login_sms_fields);

static const struct ch_field login_password_fields[] = {
    CH_IN_TEXT(struct gate_login_password_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_login_password_in, password, CH_REQUIRED, 1, 72, NULL),
};
const struct ch_input gate_login_password_body = CH_INPUT(struct gate_login_password_in, login_password_fields);

static const struct ch_field register_fields[] = {
    CH_IN_TEXT(struct gate_register_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_register_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
    CH_IN_TEXT(struct gate_register_in, password, CH_REQUIRED, 10, 72, ch_rule_password),
};
const struct ch_input gate_register_body = CH_INPUT(struct gate_register_in, register_fields);
