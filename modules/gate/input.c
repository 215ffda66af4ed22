/* SPDX-License-Identifier: Apache-2.0
 * The request bodies of module gate: which fields they have and which rule each field follows. */
#include "modules/gate/input.h"

#include "core/base/random.h"
#include "core/form/rule.h"
#include "modules/gate/password.h"

static const char *check_purpose(const char *s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(s, *words) == 0)
            return NULL;
    return "用途不正确。";
}

static const char *rule_purpose(const char *s)
{
    static const char *const words[] = {"login", "register", "reset", "rebind", NULL};
    return check_purpose(s, words);
}

static const char *rule_own_purpose(const char *s)
{
    static const char *const words[] = {"password",  "phone",    "new_phone", "hand_over",
                                        "take_over", "sessions", "close",     NULL};
    return check_purpose(s, words);
}

/* Name and e-mail address of a profile may be left empty. */
static const char *rule_email(const char *s)
{
    return *s == '\0' ? NULL : ch_rule_email(s);
}

static const char *rule_display_name(const char *s)
{
    return *s == '\0' ? NULL : ch_rule_name(s);
}

static const char *rule_uuid(const char *s)
{
    return ch_is_uuid(s) ? NULL : "请刷新页面后再试。";
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

/* The body of a registration and of a password's reset. */
static const struct ch_field register_fields[] = {
    CH_IN_TEXT(struct gate_register_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_register_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
    CH_IN_TEXT(struct gate_register_in, password, CH_REQUIRED, 10, 72, gate_rule_password),
};
const struct ch_input gate_register_body = CH_INPUT(struct gate_register_in, register_fields);

static const struct ch_field sessions_end_fields[] = {
    CH_IN_TEXT(struct gate_sessions_end_in, id, CH_OPTIONAL, 36, 36, rule_uuid),
    CH_IN_TEXT(struct gate_sessions_end_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};

static const char *rule_channel(const char *s)
{
    return strcmp(s, "sms") == 0 || strcmp(s, "email") == 0 ? NULL : "只能是短信或邮件。";
}

static const struct ch_field messages_fields[] = {
    CH_IN_TEXT(struct gate_messages_in, name, CH_REQUIRED, 1, 40, NULL),
    CH_IN_TEXT(struct gate_messages_in, channel, CH_REQUIRED, 3, 5, rule_channel),
    CH_IN_BOOL(struct gate_messages_in, on, CH_REQUIRED),
};
const struct ch_input gate_messages_body = CH_INPUT(struct gate_messages_in, messages_fields);
const struct ch_input gate_sessions_end_body = CH_INPUT(struct gate_sessions_end_in, sessions_end_fields);

static const struct ch_field code_fields[] = {
    CH_IN_TEXT(struct gate_code_in, purpose, CH_REQUIRED, 5, 9, rule_own_purpose),
    CH_IN_TEXT(struct gate_code_in, phone, CH_OPTIONAL, 11, 11, ch_rule_mobile),
};
const struct ch_input gate_code_body = CH_INPUT(struct gate_code_in, code_fields);

static const struct ch_field profile_fields[] = {
    CH_IN_TEXT(struct gate_profile_in, name, CH_REQUIRED, 0, 30, rule_display_name),
    CH_IN_TEXT(struct gate_profile_in, email, CH_REQUIRED, 0, 100, rule_email),
};
const struct ch_input gate_profile_body = CH_INPUT(struct gate_profile_in, profile_fields);

static const struct ch_field password_fields[] = {
    CH_IN_TEXT(struct gate_password_in, old, CH_OPTIONAL, 1, 72, NULL),
    CH_IN_TEXT(struct gate_password_in, code, CH_OPTIONAL, 6, 6, ch_rule_digits6),
    CH_IN_TEXT(struct gate_password_in, password, CH_REQUIRED, 10, 72, gate_rule_password),
};
const struct ch_input gate_password_body = CH_INPUT(struct gate_password_in, password_fields);

static const struct ch_field phone_fields[] = {
    CH_IN_TEXT(struct gate_phone_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
    CH_IN_TEXT(struct gate_phone_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_phone_in, new_code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};
const struct ch_input gate_phone_body = CH_INPUT(struct gate_phone_in, phone_fields);

static const struct ch_field rebinding_fields[] = {
    CH_IN_TEXT(struct gate_rebinding_in, old, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_rebinding_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_rebinding_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};
const struct ch_input gate_rebinding_body = CH_INPUT(struct gate_rebinding_in, rebinding_fields);

static const struct ch_field hand_over_fields[] = {
    CH_IN_TEXT(struct gate_hand_over_in, order, CH_REQUIRED, 36, 36, NULL),
    CH_IN_BOOL(struct gate_hand_over_in, whole, CH_REQUIRED),
    CH_IN_TEXT(struct gate_hand_over_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
    CH_IN_TEXT(struct gate_hand_over_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};
const struct ch_input gate_hand_over_body = CH_INPUT(struct gate_hand_over_in, hand_over_fields);

static const struct ch_field accept_fields[] = {
    CH_IN_TEXT(struct gate_accept_in, code, CH_REQUIRED, 6, 6, ch_rule_digits6),
};
const struct ch_input gate_accept_body = CH_INPUT(struct gate_accept_in, accept_fields);
