/* SPDX-License-Identifier: Apache-2.0
 * The signer's Unix socket. One thread: requests are gathered from all callers side by side, each within a deadline,
 * and performed one after another, so that a caller which stalls holds up nobody and the keys have one user. */
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

/* Users who may call: names or ids, comma separated; "" is the user who runs this. False, after logging why, for a
 * user that is not known or too many of them. */
bool peers_parse(const char *list, struct peers *out) CH_MUST;

/* A listening socket of mode 0660 at `path`, in the place of one that nobody listens on any more. -1 after logging
 * why. */
int server_listen(const char *path) CH_MUST;

/* Serves until *stop is set, by the handler of a signal that is blocked but for the wait: `waiting` is the mask in force
 * then (NULL: the thread's own). Closes callers, not the listener. `patience_ms`: how long a caller may take to say what
 * it wants. */
void server_run(int listener, const struct peers *peers, int patience_ms, server_handler *handler, void *context,
                const volatile sig_atomic_t *stop, const sigset_t *waiting);

#endif
