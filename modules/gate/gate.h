/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_GATE_H
#define MODULE_GATE_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "gate_sql.h"

extern const struct ch_input gate_sms_code_body, gate_login_sms_body, gate_login_password_body, gate_register_body,
    gate_code_body, gate_profile_body, gate_password_body, gate_phone_body, gate_hand_over_body, gate_accept_body;

/* pages.c: what is shown before anybody has logged in */
ch_handler gate_home, gate_regions, gate_link, gate_session;
/* The page that says why a link leads nowhere. */
enum ch_err gate_refuse_link(struct ch_req *r, int status, const char *sentence);
/* entry.c: slug and project ID are right; on to the log-in with what the link brings along. */
enum ch_err gate_enter(struct ch_req *r);
/* login.c */
ch_handler gate_sms_code, gate_login_sms, gate_login_password, gate_register, gate_reset, gate_logout;
/* account.c: one's own account */
ch_handler gate_code, gate_profile, gate_profile_put, gate_password, gate_phone;
/* sessions.c */
ch_handler gate_sessions, gate_session_end, gate_sessions_end;
/* unit.c: certificates by unit, and a unit's orders to another agent */
ch_handler gate_units, gate_hand_overs, gate_hand_over, gate_hand_over_accept;

/* --- code.c: codes by SMS, of which the database knows keyed hashes alone --- */

/* Keyed hash of a phone number, by which an account is found. */
struct ch_param gate_phone_hash(struct ch_req *r, const char *phone);
/* Of a code that was typed, bound to the phone's hash; SQL NULL when `code` is NULL. */
struct ch_param gate_code_hash(struct ch_req *r, struct ch_param phone, const char *code);
/* Sends a fresh code and answers 202. */
enum ch_err gate_code_send(struct ch_req *r, const char *phone, const char *purpose);
/* The refusal for a word of hall.sms_code_use, at the field `pointer`. */
enum ch_err gate_code_refused(struct ch_req *r, const char *pointer, const char *word);
/* A message to a phone: its content, encrypted for the row `message`. */
struct ch_param gate_message(struct ch_req *r, const char *message, const char *phone, const char *code);
/* The hash of the session's token, as the database has it. */
struct ch_param gate_token_hash(struct ch_req *r);

/* --- self.c --- */

/* The account that asks. */
struct gate_self {
    const char *id, *mask, *created_at;
    struct ch_param phone;       /* its keyed hash */
    struct ch_bytes phone_encrypted;
    const char *password;        /* its hash; NULL: none was ever set */
    const struct ch_json *profile; /* {"name","email"}, or NULL */
    bool blocked;                /* too many wrong passwords of late */
};

/* Reads it in a round trip of its own: a route that asks more is CH_TX_EACH. */
enum ch_err gate_self_read(struct ch_req *r, struct gate_self *self) CH_MUST;
/* Its phone number, opened. */
enum ch_err gate_self_phone(struct ch_req *r, const struct gate_self *self, const char **phone) CH_MUST;

#endif
