/* SPDX-License-Identifier: Apache-2.0
 * One connection of the mail server: the dialogue of dialogue.h over a socket, plain at first, then under TLS. */
#ifndef MODULE_SANDBOX_MAIL_SERVER_H
#define MODULE_SANDBOX_MAIL_SERVER_H

#include "modules/sandbox/mail/dialogue.h"

#include <openssl/ssl.h>

/* A server's TLS with key and certificate of these PEM files, 1.2 or later; NULL after logging. */
SSL_CTX *mail_server_tls(const char *key_file, const char *cert_file) CH_MUST;

/* Serves until either side ends it, and closes `fd`. A client that is silent for twenty seconds is left. */
void mail_server_talk(int fd, SSL_CTX *tls, const struct mail_host *host);

#endif
