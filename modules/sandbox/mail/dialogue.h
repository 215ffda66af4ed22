/* SPDX-License-Identifier: Apache-2.0
 * The mail server's half of an SMTP dialogue (RFC 5321, submission of RFC 6409): bytes in, replies out. No sockets, no
 * database, no clock.
 *
 * Nothing but EHLO, STARTTLS, NOOP, RSET and QUIT is taken before TLS; no address before a login. Lines end with CR LF
 * and nothing else: a lone CR or LF is refused, in the data as well, so that no second message can be smuggled in. */
#ifndef MODULE_SANDBOX_MAIL_DIALOGUE_H
#define MODULE_SANDBOX_MAIL_DIALOGUE_H

#include "core/base/buf.h"

#define MAIL_MAX_TO 10
#define MAIL_MAX_LINE 2048 /* of a command, a log-in being the longest; a line of the data has 1000 */
#define MAIL_MAX_BYTES ((size_t)10 * 1024 * 1024)

enum mail_then {
    MAIL_GO_ON,
    MAIL_START_TLS, /* after the replies are sent: shake hands, then mail_dialogue_secured */
    MAIL_CLOSE,     /* after the replies are sent */
};

struct mail_dialogue;

/* What the dialogue asks its surroundings. */
struct mail_host {
    const char *user, *password;
    /* True when a switch of the sandbox is on (mail.undeliverable …). */
    bool (*switched)(void *ctx, const char *key);
    /* Takes a message for those in d->to; false: "try later". */
    bool (*keep)(void *ctx, const struct mail_dialogue *d, struct ch_bytes raw);
    void *ctx;
};

enum mail_login { MAIL_NO_LOGIN, MAIL_PLAIN, MAIL_LOGIN_USER, MAIL_LOGIN_PASSWORD };

struct mail_dialogue {
    struct ch_arena *a;
    const struct mail_host *host;
    bool tls, greeted, known;
    int errors, commands, messages;
    enum mail_login login; /* what the next line answers */
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

/* A new dialogue; everything it keeps is of the arena. The greeting goes into `out`. */
void mail_dialogue_begin(struct mail_dialogue *d, struct ch_arena *a, const struct mail_host *host, struct ch_buf *out);
/* TLS is up: what was said before is forgotten (RFC 3207, 4.2). */
void mail_dialogue_secured(struct mail_dialogue *d);
/* Takes bytes as they come, appends the replies. After anything but MAIL_GO_ON it must not be given the rest. */
enum mail_then mail_dialogue_feed(struct mail_dialogue *d, struct ch_bytes in, struct ch_buf *out);

#endif
