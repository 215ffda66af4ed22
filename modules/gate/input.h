/* SPDX-License-Identifier: Apache-2.0
 * The request bodies of module gate, as core parses them. Texts that are optional in input.c are NULL when they are absent. */
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
    const char *phone; /* the new number; only for the purpose new_phone */
};
struct gate_profile_in {
    const char *name, *email;
};
struct gate_password_in {
    const char *old, *code; /* exactly one of the two is the proof */
    const char *password;
};
struct gate_phone_in {
    const char *code; /* sent to the old phone; new_code was sent to the new one */
    const char *phone, *new_code;
};
struct gate_hand_over_in {
    const char *order; /* an order of the unit */
    bool whole;        /* hands over all orders of the unit, not only this one */
    const char *phone; /* of the agent who takes them over */
    const char *code;  /* sent to the caller's own phone */
};
/* A choice of messages. */
struct gate_messages_in {
    const char *name;    /* of the kind, as hall.message_name has it */
    const char *channel; /* "sms" or "email" */
    bool on;
};
struct gate_sessions_end_in {
    const char *id; /* of the session; NULL: all but the caller's */
    const char *code;
};
struct gate_rebinding_in {
    const char *old;          /* the number that is lost */
    const char *phone, *code; /* the new one, and what was sent to it */
};
struct gate_accept_in {
    const char *code;
};

#endif
