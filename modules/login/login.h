/* SPDX-License-Identifier: Apache-2.0
 * Module login of the back office: staff come in with a passkey of the roster (core/passkey/roster.h), and with nothing else. It
 * offers a statement, as there is one for a decision. The browser knows how the statement of a log-in reads, and makes the challenge
 * of it itself, so that this module cannot have anything else signed. */
#ifndef MODULE_LOGIN_H
#define MODULE_LOGIN_H

#include "core/desk/desk.h"
#include "login_sql.h"

struct login_challenge_in {
    const char *name; /* of a member of staff */
};
struct login_open_in {
    const char *name, *time, *nonce; /* as they were offered */
    const struct ch_json *assertion; /* struct ch_assertion */
};
extern const struct ch_input login_challenge_body, login_open_body;

ch_handler login_challenge, login_open; /* open.c */
ch_handler login_session, login_logout; /* session.c */

/* Answers with what the pages know of the session; `staff` is JSON. */
enum ch_err login_answer(struct ch_req *r, const char *staff) CH_MUST; /* session.c */
/* In a hall with the sandbox, names its authenticator (modules/sandbox/authenticator) as member "authenticator". */
void login_name_authenticator(struct ch_jw *w); /* session.c */

#endif
