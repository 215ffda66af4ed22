/* SPDX-License-Identifier: Apache-2.0
 * Module gate lets people in and serves what belongs to their account: the partner's link, log-in and registration, the data
 * of the first pages, the account itself, its sessions, and the hand-over of a unit's orders. This header declares the request
 * bodies, handlers and helpers that its files share; everything that is returned lives in the request's arena. */
#ifndef MODULE_GATE_H
#define MODULE_GATE_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "gate_sql.h"

extern const struct ch_input gate_sms_code_body, gate_login_sms_body, gate_login_password_body, gate_register_body,
    gate_code_body, gate_profile_body, gate_password_body, gate_phone_body, gate_hand_over_body, gate_accept_body,
    gate_sessions_end_body, gate_rebinding_body, gate_messages_body;

/* pages.c: the partner's link, and what the pages show before anybody has logged in */
ch_handler gate_health, gate_home, gate_regions, gate_link, gate_page, gate_session;
/* Answers with an HTML page that tells the visitor, in `sentence`, why the partner's link cannot be opened. */
enum ch_err gate_refuse_link(struct ch_req *r, int status, const char *sentence);
/* Redirects to the log-in page with the data that the link carries. The caller has checked slug, project ID, and the kind of business
 * that the link names; NULL: none. `first` is the first of several kinds that the project has, otherwise NULL (entry.c). */
enum ch_err gate_enter(struct ch_req *r, const char *business, const char *first);
/* login.c */
ch_handler gate_sms_code, gate_login_sms, gate_login_password, gate_register, gate_reset, gate_logout;
/* account.c: the caller's own account */
ch_handler gate_code, gate_profile, gate_own, gate_profile_put, gate_password, gate_phone;
/* sessions.c */
ch_handler gate_sessions, gate_sessions_end;
/* closing.c: the end of the account */
ch_handler gate_close;
/* rebinding.c: a lost number */
ch_handler gate_rebinding;
/* unit.c: certificates by unit, and a unit's orders to another agent */
ch_handler gate_calendar_make, gate_calendar_read; /* calendar.c */
ch_handler gate_units, gate_hand_overs, gate_hand_over, gate_hand_over_accept;

/* --- code.c: codes by SMS; the database stores only keyed hashes of codes and phone numbers --- */

/* The keyed hash of a phone number, by which an account is found. */
struct ch_param gate_phone_hash(struct ch_req *r, const char *phone);
/* The keyed hash of a code that was typed, bound to the phone's hash; SQL NULL when `code` is NULL. */
struct ch_param gate_code_hash(struct ch_req *r, struct ch_param phone, const char *code);
/* Sends a fresh code and answers 202. */
enum ch_err gate_code_send(struct ch_req *r, const char *phone, const char *purpose);
/* Refuses a code: `word` is the result of hall.sms_code_use, `pointer` the field that the refusal is shown at. */
enum ch_err gate_code_refused(struct ch_req *r, const char *pointer, const char *word);
/* Refuses a new number that has an account, at the field /phone. */
enum ch_err gate_phone_taken(struct ch_req *r);
/* The content of a message to a phone, encrypted for the row with the id `message`; without a code when `code` is NULL. */
struct ch_param gate_message(struct ch_req *r, const char *message, const char *phone, const char *code);
/* The hash of the session's token, as the database stores it. */
struct ch_param gate_token_hash(struct ch_req *r);

/* --- self.c --- */

/* The account that sends the request. */
struct gate_self {
    const char *id, *mask, *created_at;
    struct ch_param phone; /* its keyed hash */
    struct ch_bytes phone_encrypted;
    bool has_password;
    const struct ch_json *profile; /* {"name","email"}, or NULL */
};

/* Reads the account in a round trip of its own: a route that sends further statements must be CH_TX_EACH. */
enum ch_err gate_self_read(struct ch_req *r, struct gate_self *self) CH_MUST;
/* The call that counts a try of the password of a phone (its keyed hash), for ch_password_param. */
struct ch_call gate_password_try_call(struct ch_req *r, struct ch_param phone);
/* Decrypts the account's phone number. */
enum ch_err gate_self_phone(struct ch_req *r, const struct gate_self *self, const char **phone) CH_MUST;

#endif
