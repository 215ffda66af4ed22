/* SPDX-License-Identifier: Apache-2.0
 * One connection of the mail server: the dialogue of dialogue.h over a socket, at first without and then with TLS. */
#ifndef MODULE_SANDBOX_MAIL_SERVER_H
#define MODULE_SANDBOX_MAIL_SERVER_H

#include "modules/sandbox/mail/dialogue.h"

#include <openssl/ssl.h>

/* The TLS context of a server (1.2 or later) with this key and certificate; NULL after logging. */
SSL_CTX *mail_server_tls(EVP_PKEY *key, X509 *certificate) CH_MUST;

/* Serves a client until either side ends the connection, and closes `fd`. After twenty seconds of silence the connection is
 * closed. */
void mail_server_talk(int fd, SSL_CTX *tls, const struct mail_host *host);

#endif
