/* SPDX-License-Identifier: Apache-2.0
 * The signer's Unix socket. One thread reads the requests of all callers side by side, each within a deadline, and performs
 * them one after another. So a caller that stalls delays nobody, and the keys have only one user. */
#ifndef SIGNER_SERVER_H
#define SIGNER_SERVER_H

#include "programs/signer/protocol.h"

#include <signal.h>
#include <sys/types.h>

#define SERVER_MAX_PEERS 16
#define SERVER_TEXT (CH_CA_MAX)

/* Performs a request; `text` (SERVER_TEXT bytes, empty at first) may be filled with a short ASCII remark. */
typedef enum ch_ca_status server_handler(void *context, const struct request *request, char *text);

struct peers {
    uid_t uid[SERVER_MAX_PEERS];
    size_t n;
};

/* Parses the list of users who may call: names or ids, separated by commas; "" means the user who runs the signer. False, after
 * logging why, when a user is unknown or there are too many. */
bool peers_parse(const char *list, struct peers *out) CH_MUST;

/* Makes a listening socket of mode 0660 at `path`, in place of one that nobody listens on any more; -1 after logging why. */
int server_listen(const char *path) CH_MUST;

/* Serves until *stop is set by a signal handler. The signal must be blocked, except by the mask `waiting`, which is in force
 * during the wait (NULL: the thread's own mask). Closes the callers' connections, but not the listener. `patience_ms` is how
 * long a caller may take to send its request. */
void server_run(int listener, const struct peers *peers, int patience_ms, server_handler *handler, void *context,
                const volatile sig_atomic_t *stop, const sigset_t *waiting);

#endif
