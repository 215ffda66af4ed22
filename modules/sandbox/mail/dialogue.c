/* SPDX-License-Identifier: Apache-2.0
 * The commands and replies of the SMTP dialogue. */
#include "modules/sandbox/mail/dialogue.h"

#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/gateway/mail/words.h"
#include "modules/sandbox/mail/read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ERRORS 5
/* Commands and messages of one connection are limited, since its memory is freed only at its end. */
#define MAX_COMMANDS 200
#define MAX_MESSAGES 10
#define MAX_COMMAND 512
#define MAX_DATA_LINE 1000
#define SPACE " \t"

enum need { NEED_GREETING = 1, NEED_TLS = 2, NEED_LOGIN = 4, NEED_FROM = 8, NEED_TO = 16 };

/* One step of the dialogue: the client's command, the reply, and what happens after it. */
struct step {
    struct mail_dialogue *d;
    const char *words; /* the command's arguments */
    struct ch_buf *out;
    enum mail_then then;
};

static void reply_line(struct step *s, const char *line)
{
    ch_buf_printf(s->out, "%s\r\n", line);
}

static void reply_and_close(struct step *s, const char *line)
{
    reply_line(s, line);
    s->then = MAIL_CLOSE;
}

/* Refuses a command; after too many refusals the connection is closed. */
static void reply_refusal(struct step *s, const char *line)
{
    reply_line(s, line);
    if (++s->d->errors >= MAX_ERRORS)
        reply_and_close(s, "421 4.7.0 Too many errors");
}

static void end_transaction(struct mail_dialogue *d)
{
    d->from = NULL;
    d->to_n = 0;
}

static void do_ehlo(struct step *s)
{
    if (*s->words == '\0') {
        reply_refusal(s, "501 5.5.4 EHLO needs a name");
        return;
    }
    s->d->greeted = true;
    end_transaction(s->d);
    reply_line(s, "250-mail.sandbox");
    ch_buf_printf(s->out, "250-SIZE %zu\r\n", MAIL_MAX_BYTES);
    reply_line(s, "250-8BITMIME");
    reply_line(s, "250-PIPELINING");
    reply_line(s, "250-ENHANCEDSTATUSCODES");
    reply_line(s, s->d->tls ? "250 AUTH PLAIN LOGIN" : "250 STARTTLS");
}

static void do_helo(struct step *s)
{
    s->d->greeted = true;
    end_transaction(s->d);
    reply_line(s, "250 mail.sandbox");
}

static void do_starttls(struct step *s)
{
    if (s->d->tls) {
        reply_refusal(s, "503 5.5.1 TLS is on already");
        return;
    }
    reply_line(s, "220 2.0.0 Go ahead");
    s->then = MAIL_START_TLS;
}

static void finish_login(struct step *s, struct ch_bytes user, struct ch_bytes password)
{
    const struct mail_host *h = s->d->host;
    bool same_user = ch_same(user, CH_BYTES(h->user, strlen(h->user)));
    bool same_password = ch_same(password, CH_BYTES(h->password, strlen(h->password)));

    s->d->login = MAIL_NO_LOGIN;
    s->d->known = same_user && same_password;
    if (s->d->known)
        reply_line(s, "235 2.7.0 Welcome");
    else
        reply_refusal(s, "535 5.7.8 Authentication credentials invalid");
}

/* The message of the mechanism PLAIN: authzid NUL authcid NUL passwd (RFC 4616). */
static void read_plain_login(struct step *s, struct ch_bytes text)
{
    const unsigned char *end = text.p + text.n, *user = text.n > 0 ? memchr(text.p, 0, text.n) : NULL;
    const unsigned char *password = user != NULL && ++user < end ? memchr(user, 0, (size_t)(end - user)) : NULL;

    if (password == NULL) {
        s->d->login = MAIL_NO_LOGIN;
        reply_refusal(s, "501 5.5.2 Not a PLAIN response");
        return;
    }
    finish_login(s, CH_BYTES(user, (size_t)(password - user)), CH_BYTES(password + 1, (size_t)(end - password - 1)));
}

/* A line of a log-in; "=" stands for an empty text, and "*" cancels. */
static void read_login_line(struct step *s, const char *line)
{
    struct mail_dialogue *d = s->d;
    struct ch_bytes text = CH_LIT("");

    if (strcmp(line, "*") == 0 || (strcmp(line, "=") != 0 && !ch_unbase64(d->a, line, &text))) {
        d->login = MAIL_NO_LOGIN;
        reply_refusal(s, "501 5.5.2 Cancelled, or not base64");
    } else if (d->login == MAIL_PLAIN) {
        read_plain_login(s, text);
    } else if (d->login == MAIL_LOGIN_USER) {
        d->user = text;
        d->login = MAIL_LOGIN_PASSWORD;
        reply_line(s, "334 UGFzc3dvcmQ6");
    } else {
        finish_login(s, d->user, text);
    }
}

static void do_auth(struct step *s)
{
    static const struct {
        const char *name, *ask;
        enum mail_login login;
    } mechanisms[] = {{"PLAIN", "334 ", MAIL_PLAIN}, {"LOGIN", "334 VXNlcm5hbWU6", MAIL_LOGIN_USER}};
    size_t n = strcspn(s->words, SPACE);
    const char *first = s->words + n + strspn(s->words + n, SPACE);

    if (s->d->known || s->d->from != NULL) {
        reply_refusal(s, "503 5.5.1 Not now");
        return;
    }
    for (size_t i = 0; i < CH_COUNT(mechanisms); i++) {
        if (strlen(mechanisms[i].name) != n || strncasecmp(s->words, mechanisms[i].name, n) != 0)
            continue;
        s->d->login = mechanisms[i].login;
        if (*first != '\0')
            read_login_line(s, first);
        else
            reply_line(s, mechanisms[i].ask);
        return;
    }
    reply_refusal(s, "504 5.5.4 PLAIN or LOGIN");
}

/* Reads "FROM:<address>" at the beginning of `words`; *rest is the text after it. "" for "<>", NULL when there is no path. */
static char *read_path(struct ch_arena *a, const char *words, const char *label, const char **rest)
{
    size_t n = strlen(label);
    const char *end = strncasecmp(words, label, n) == 0 && words[n] == '<' ? strchr(words, '>') : NULL;

    if (end == NULL || (end[1] != '\0' && end[1] != ' '))
        return NULL;
    *rest = end + 1 + strspn(end + 1, SPACE);
    return ch_strndup(a, words + n + 1, (size_t)(end - words) - n - 1);
}

/* Checks the parameters of MAIL; returns NULL, or the refusal. */
static const char *check_parameters(const char *rest)
{
    while (*rest != '\0') {
        size_t n = strcspn(rest, SPACE);
        if (strncasecmp(rest, "SIZE=", 5) == 0) {
            if (strtoull(rest + 5, NULL, 10) > MAIL_MAX_BYTES)
                return "552 5.3.4 Message too large";
        } else if (strncasecmp(rest, "BODY=", 5) != 0 && strncasecmp(rest, "AUTH=", 5) != 0) {
            return "555 5.5.4 Parameter not known";
        }
        rest += n + strspn(rest + n, SPACE);
    }
    return NULL;
}

static void do_mail(struct step *s)
{
    const char *rest = "", *from = read_path(s->d->a, s->words, "FROM:", &rest), *bad = check_parameters(rest);

    if (s->d->from != NULL)
        reply_refusal(s, "503 5.5.1 One message at a time");
    else if (from == NULL || !ch_mail_address(from))
        reply_refusal(s, "501 5.1.7 Not a sender's address");
    else if (bad != NULL)
        reply_refusal(s, bad);
    else if (s->d->messages++ == MAX_MESSAGES)
        reply_and_close(s, "421 4.7.0 Enough for one connection");
    else {
        s->d->from = from;
        reply_line(s, "250 2.1.0 Sender accepted");
    }
}

static bool is_switched(const struct step *s, const char *key)
{
    return s->d->host->switched(s->d->host->ctx, key);
}

static void do_rcpt(struct step *s)
{
    const char *rest = "", *to = read_path(s->d->a, s->words, "TO:", &rest);

    if (to == NULL || !ch_mail_address(to) || *rest != '\0')
        reply_refusal(s, "501 5.1.3 Not a recipient's address");
    else if (s->d->to_n == MAIL_MAX_TO)
        reply_refusal(s, "452 4.5.3 Too many recipients");
    else if (strncasecmp(to, "nobody@", 7) == 0 || is_switched(s, "mail.undeliverable"))
        reply_refusal(s, "550 5.1.1 No such mailbox");
    else if (is_switched(s, "mail.later"))
        reply_refusal(s, "451 4.3.0 Try again later");
    else {
        s->d->to[s->d->to_n++] = to;
        reply_line(s, "250 2.1.5 Recipient accepted");
    }
}

static void do_data(struct step *s)
{
    s->d->in_data = true;
    s->d->bad_data = s->d->large_data = false;
    ch_buf_init(&s->d->data, s->d->a);
    reply_line(s, "354 End with a full stop on a line of its own");
}

static void do_rset(struct step *s)
{
    end_transaction(s->d);
    reply_line(s, "250 2.0.0 Forgotten");
}

static void do_noop(struct step *s)
{
    reply_line(s, "250 2.0.0 Here");
}

static void do_quit(struct step *s)
{
    reply_and_close(s, "221 2.0.0 Goodbye");
}

static const struct command {
    const char *verb;
    void (*run)(struct step *s);
    unsigned needs;
} commands[] = {
    {"EHLO", do_ehlo, 0},
    {"HELO", do_helo, 0},
    {"STARTTLS", do_starttls, NEED_GREETING},
    {"AUTH", do_auth, NEED_GREETING | NEED_TLS},
    {"MAIL", do_mail, NEED_GREETING | NEED_TLS | NEED_LOGIN},
    {"RCPT", do_rcpt, NEED_GREETING | NEED_TLS | NEED_LOGIN | NEED_FROM},
    {"DATA", do_data, NEED_GREETING | NEED_TLS | NEED_LOGIN | NEED_FROM | NEED_TO},
    {"RSET", do_rset, 0},
    {"NOOP", do_noop, 0},
    {"QUIT", do_quit, 0},
};

/* The refusal for the first need of a command that is not met, or NULL. */
static const char *missing_need(const struct mail_dialogue *d, unsigned needs)
{
    const struct {
        unsigned need;
        bool there;
        const char *line;
    } rows[] = {
        {NEED_TLS, d->tls, "530 5.7.0 Must issue a STARTTLS command first"},
        {NEED_GREETING, d->greeted, "503 5.5.1 EHLO first"},
        {NEED_LOGIN, d->known, "530 5.7.0 Authentication required"},
        {NEED_FROM, d->from != NULL, "503 5.5.1 MAIL first"},
        {NEED_TO, d->to_n > 0, "503 5.5.1 RCPT first"},
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++)
        if ((needs & rows[i].need) != 0 && !rows[i].there)
            return rows[i].line;
    return NULL;
}

static void do_command(struct step *s, const char *line)
{
    size_t n = strcspn(line, SPACE);

    s->words = line + n + strspn(line + n, SPACE);
    if (s->d->commands++ == MAX_COMMANDS) {
        reply_and_close(s, "421 4.7.0 Enough for one connection");
        return;
    }
    for (size_t i = 0; i < CH_COUNT(commands); i++) {
        if (strlen(commands[i].verb) != n || strncasecmp(line, commands[i].verb, n) != 0)
            continue;
        const char *no = missing_need(s->d, commands[i].needs);
        if (no != NULL)
            reply_refusal(s, no);
        else
            commands[i].run(s);
        return;
    }
    reply_refusal(s, "500 5.5.1 Command not known");
}

static void end_data(struct step *s)
{
    struct mail_dialogue *d = s->d;
    const char *wrong = d->large_data || d->bad_data ? NULL : mail_read_fault(d->a, ch_buf_bytes(&d->data));

    d->in_data = false;
    if (d->large_data)
        reply_refusal(s, "552 5.3.4 Message too large");
    else if (d->bad_data)
        reply_refusal(s, "554 5.6.0 A line is too long, or does not end with CR LF");
    else if (wrong != NULL)
        reply_refusal(s, ch_printf(d->a, "554 5.6.0 %s", wrong));
    else if (!d->host->keep(d->host->ctx, d, ch_buf_bytes(&d->data)))
        reply_refusal(s, "451 4.3.0 Try again later");
    else if (is_switched(s, "mail.drop_after_data"))
        s->then = MAIL_CLOSE;
    else
        reply_line(s, "250 2.0.0 Taken");
    end_transaction(d);
}

/* A line of the data without its line end. The client doubles a full stop at the beginning of a line (RFC 5321, 4.5.2). */
static void read_data_line(struct step *s, const char *line, size_t n, bool good)
{
    struct mail_dialogue *d = s->d;

    if (good && n == 1 && line[0] == '.') {
        end_data(s);
        return;
    }
    d->bad_data |= !good || n + 2 > MAX_DATA_LINE + 1;
    if (n > 0 && line[0] == '.') {
        line++;
        n--;
    }
    d->large_data |= d->data.n + n + 2 > MAIL_MAX_BYTES;
    if (d->bad_data || d->large_data)
        return;
    ch_buf_add(&d->data, line, n);
    ch_buf_puts(&d->data, "\r\n");
}

/* Handles a complete line, which is in d->line without its LF. */
static void read_line(struct step *s)
{
    struct mail_dialogue *d = s->d;
    size_t n = d->line_n > 0 ? d->line_n - 1 : 0;
    bool good = !d->long_line && d->line_n > 0 && d->line[n] == '\r' && memchr(d->line, '\r', n) == NULL &&
                memchr(d->line, '\0', n) == NULL;

    if (d->in_data)
        read_data_line(s, d->line, n, good);
    else if (!good || (d->login == MAIL_NO_LOGIN && n + 2 > MAX_COMMAND && strncasecmp(d->line, "AUTH ", 5) != 0))
        reply_refusal(s, "500 5.5.2 A line is too long, or does not end with CR LF");
    else if (d->login != MAIL_NO_LOGIN)
        read_login_line(s, ch_strndup(d->a, d->line, n));
    else
        do_command(s, ch_strndup(d->a, d->line, n));
    d->line_n = 0;
    d->long_line = false;
}

void mail_dialogue_begin(struct mail_dialogue *d, struct ch_arena *a, const struct mail_host *host, struct ch_buf *out)
{
    *d = (struct mail_dialogue){.a = a, .host = host};
    ch_buf_puts(out, "220 mail.sandbox ESMTP\r\n");
}

void mail_dialogue_secured(struct mail_dialogue *d)
{
    struct ch_arena *a = d->a;
    const struct mail_host *host = d->host;

    *d = (struct mail_dialogue){.a = a, .host = host, .tls = true};
}

enum mail_then mail_dialogue_feed(struct mail_dialogue *d, struct ch_bytes in, struct ch_buf *out)
{
    struct step s = {.d = d, .out = out, .then = MAIL_GO_ON};

    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] != '\n') {
            if (d->line_n < sizeof d->line)
                d->line[d->line_n++] = (char)in.p[i];
            else
                d->long_line = true;
            continue;
        }
        read_line(&s);
        /* Bytes that arrive together with STARTTLS are not protected, so they must not be treated as if TLS protected them. */
        if (s.then == MAIL_START_TLS && i + 1 < in.n) {
            ch_buf_init(out, out->a);
            reply_line(&s, "554 5.5.0 Nothing may follow STARTTLS unasked");
            return MAIL_CLOSE;
        }
        if (s.then != MAIL_GO_ON)
            return s.then;
    }
    return MAIL_GO_ON;
}
