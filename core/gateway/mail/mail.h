/* SPDX-License-Identifier: Apache-2.0
 * E-mail: a message for one recipient, handed to the mail server of setting mail_url (RFC 6409 submission).
 *
 * TLS is compulsory and its certificate checked: STARTTLS with smtp://, from the first byte with smtps://. Nobody logs
 * in or names an address before that. A message that may have arrived or not (CH_UNKNOWN) can be sent again: it keeps
 * its Message-ID, by which a mail program knows the two for one. */
#ifndef CH_GATEWAY_MAIL_H
#define CH_GATEWAY_MAIL_H

#include "core/gateway/outcome.h"

struct ch_mail_file {
    const char *name; /* UTF-8 */
    const char *type; /* "application/pdf" */
    struct ch_bytes bytes;
};

struct ch_mail {
    const char *to;         /* see ch_mail_address */
    const char *to_name;    /* UTF-8, or NULL */
    const char *subject;    /* UTF-8 */
    const char *text;       /* UTF-8 */
    const char *html;       /* the same for programs that show HTML; NULL: there is none */
    const char *message_id; /* our own number and host ("0192….@hall.example"), stored before the call */
    const struct ch_mail_file *files;
    size_t files_n;
};

/* CH_ACCEPTED: the server has taken charge (250 after the data). CH_REFUSED: it said 5xx, which is the answer's code
 * ("550", "535"), or "bad_address": ours, nothing was sent. CH_UNKNOWN: 4xx ("451"), or "circuit_open",
 * "no_connection", "no_starttls", "tls", "tls_untrusted", "timeout", "no_answer". The answer's message is the server's
 * last line; it may name the recipient and belongs in no log. CH_E_INTERNAL: mail_url, mail_from or the password is
 * missing. */
enum ch_err ch_mail_send(struct ch_arena *a, struct ch_fault *f, const struct ch_mail *mail, struct ch_answer *answer)
    CH_MUST;

#endif
