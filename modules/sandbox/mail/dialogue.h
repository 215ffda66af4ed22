/* SPDX-License-Identifier: Apache-2.0
 * The mail server's side of an SMTP dialogue (RFC 5321, submission of RFC 6409): it is fed bytes and gives replies. It uses no
 * sockets, no database and no clock.
 *
 * Before TLS only EHLO, HELO, STARTTLS, NOOP, RSET and QUIT are accepted, and no address before a log-in. Lines must end with
 * CR LF: a lone CR or LF is refused, also in the data, so that no second message can be smuggled in. */
#ifndef MODULE_SANDBOX_MAIL_DIALOGUE_H
#define MODULE_SANDBOX_MAIL_DIALOGUE_H

#include "core/base/buf.h"

#define MAIL_MAX_TO 10
#define MAIL_MAX_LINE 2048 /* bytes of a line; a log-in is the longest, a line of the data has at most 1000 */
#define MAIL_MAX_BYTES ((size_t)10 * 1024 * 1024)

enum mail_then {
    MAIL_GO_ON,
    MAIL_START_TLS, /* send the replies, do the TLS handshake, then call mail_dialogue_secured */
    MAIL_CLOSE,     /* send the replies, then close */
};

struct mail_dialogue;

/* What the dialogue needs from its caller. */
struct mail_host {
    const char *user, *password;
    /* True when a switch of the sandbox is on (mail.undeliverable …). */
    bool (*switched)(void *ctx, const char *key);
    /* Stores a message for the recipients in d->to; false: the client is told to try later. */
    bool (*keep)(void *ctx, const struct mail_dialogue *d, struct ch_bytes raw);
    void *ctx;
};

enum mail_login { MAIL_NO_LOGIN, MAIL_PLAIN, MAIL_LOGIN_USER, MAIL_LOGIN_PASSWORD };

struct mail_dialogue {
    struct ch_arena *a;
    const struct mail_host *host;
    bool tls, greeted, known;
    int errors, commands, messages;
    enum mail_login login; /* what the next line of a log-in is */
    struct ch_bytes user;
    const char *from; /* NULL: no transaction is open */
    const char *to[MAIL_MAX_TO];
    size_t to_n;
    bool in_data, bad_data, large_data;
    struct ch_buf data;
    char line[MAIL_MAX_LINE];
    size_t line_n;
    bool long_line;
};

/* Begins a dialogue, whose memory belongs to the arena. The greeting goes into `out`. */
void mail_dialogue_begin(struct mail_dialogue *d, struct ch_arena *a, const struct mail_host *host, struct ch_buf *out);
/* To be called after the TLS handshake: everything that was said before is forgotten (RFC 3207, 4.2). */
void mail_dialogue_secured(struct mail_dialogue *d);
/* Feeds received bytes, in pieces of any size, and appends the replies. When it returns anything but MAIL_GO_ON, the rest of
 * the bytes must not be fed. */
enum mail_then mail_dialogue_feed(struct mail_dialogue *d, struct ch_bytes in, struct ch_buf *out);

#endif
