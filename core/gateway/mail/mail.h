/* SPDX-License-Identifier: Apache-2.0
 * E-mail: a message to one recipient, submitted to the mail server of setting mail_url (RFC 6409).
 *
 * TLS is compulsory and the server's certificate is checked: by STARTTLS with smtp://, from the first byte with smtps://.
 * Neither the log-in nor an address is sent before that. A message that may or may not have arrived (CH_UNKNOWN) can be sent
 * again: it keeps its Message-ID, by which a mail program recognizes the duplicate. */
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
    const char *html;       /* the same text as HTML; NULL: none */
    const char *message_id; /* our own number and host ("0192….@hall.example"), stored before the call */
    const struct ch_mail_file *files;
    size_t files_n;
};

/* CH_ACCEPTED: the server has accepted the message (250 after the data). CH_REFUSED: the server's 5xx, which is the answer's
 * code ("550", "535"), or our own "bad_address", when nothing was sent. CH_UNKNOWN: the server's 4xx ("451"), or one of ours:
 * "circuit_open", "no_connection", "no_starttls", "tls", "tls_untrusted", "timeout", "no_answer". The answer's message is the
 * server's last line; it may name the recipient and must not be logged. CH_E_INTERNAL: mail_url, mail_from, mail_user or the
 * password is missing, or message_id has the wrong form. */
enum ch_err ch_mail_send(struct ch_arena *a, struct ch_fault *f, const struct ch_mail *mail, struct ch_answer *answer) CH_MUST;

#endif
