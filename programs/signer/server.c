/* SPDX-License-Identifier: Apache-2.0
 * The signer's Unix socket: who may call, the connections, and the loop. */
#include "programs/signer/server.h"

#include "core/base/clock.h"
#include "core/base/log.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_CALLERS 64
#define BACKLOG 64

struct caller {
    int fd; /* -1: the place is free */
    int64_t deadline;
    size_t n;
    unsigned char in[REQUEST_MAX + 1]; /* one byte more than any request, to detect a longer one */
};

struct server {
    int listener;
    const struct peers *peers;
    int patience_ms;
    server_handler *handler;
    void *context;
    struct caller callers[MAX_CALLERS];
};

/* The id of a user that is given by name or by number. */
static bool find_user(const char *name, uid_t *out)
{
    char *end;
    errno = 0;
    unsigned long id = strtoul(name, &end, 10);

    if (*name >= '0' && *name <= '9' && *end == '\0' && errno == 0 && id < UINT32_MAX) {
        *out = (uid_t)id;
        return true;
    }
    const struct passwd *user = getpwnam(name);
    if (user != NULL)
        *out = user->pw_uid;
    return user != NULL;
}

bool peers_parse(const char *list, struct peers *out)
{
    char text[512];
    bool ok = snprintf(text, sizeof text, "%s", list) < (int)sizeof text;

    out->n = 0;
    for (char *rest = text, *name; ok && (name = strsep(&rest, ", ")) != NULL;) {
        if (*name == '\0')
            continue;
        ok = out->n < SERVER_MAX_PEERS && find_user(name, &out->uid[out->n++]);
        if (!ok)
            ch_log(CH_ERROR, NULL, "signer_peers: %s is not known here, or one too many", name);
    }
    if (ok && out->n == 0)
        out->uid[out->n++] = geteuid();
    return ok;
}

static bool may_call(const struct peers *peers, int fd)
{
    struct ucred who;
    socklen_t n = sizeof who;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || n != sizeof who)
        return false;
    for (size_t i = 0; i < peers->n; i++)
        if (peers->uid[i] == who.uid)
            return true;
    ch_log(CH_WARN, NULL, "user %u may not call the signer", (unsigned)who.uid);
    return false;
}

/* Removes a socket that an earlier run has left behind; false when somebody still listens on it. */
static bool clear_place(const struct sockaddr_un *at)
{
    struct stat st;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN;

    close(fd);
    if (!alive && lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(at->sun_path);
    return !alive;
}

int server_listen(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof at.sun_path) {
        ch_log(CH_ERROR, NULL, "signer socket: path too long");
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    if (!clear_place(&at)) {
        ch_log(CH_ERROR, NULL, "signer socket %s: another signer listens", path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0117);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, BACKLOG) == 0;
    umask(before);
    if (ok)
        return fd;
    ch_log(CH_ERROR, NULL, "signer socket %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static void hang_up(struct caller *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

static void send_reply(struct caller *c, enum ch_ca_status status, const char *text)
{
    unsigned char out[REPLY_MAX];
    size_t n = reply_write(out, status, text);

    /* A reply fits into any socket buffer. If it does not fit, the caller does not read, and the signer does not wait for it. */
    if (send(c->fd, out, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
        ch_log(CH_WARN, NULL, "a caller did not take its reply");
    hang_up(c);
}

/* Finds a free place, or frees that of the caller who has waited longest, so that one who opens many connections loses its own. */
static struct caller *place_for_caller(struct server *s)
{
    struct caller *oldest = &s->callers[0];

    for (size_t i = 0; i < MAX_CALLERS; i++) {
        struct caller *c = &s->callers[i];
        if (c->fd < 0)
            return c;
        if (c->deadline < oldest->deadline)
            oldest = c;
    }
    hang_up(oldest);
    return oldest;
}

static void accept_caller(struct server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (!may_call(s->peers, fd)) {
        close(fd);
        return;
    }
    struct caller *c = place_for_caller(s);
    c->fd = fd;
    c->n = 0;
    c->deadline = ch_tick_ms() + s->patience_ms;
}

/* Reads what a caller has sent, and performs its request when that is complete. */
static void hear_caller(struct server *s, struct caller *c)
{
    char text[SERVER_TEXT] = "";
    struct request request;
    enum ch_ca_status status;
    ssize_t got = recv(c->fd, c->in + c->n, sizeof c->in - c->n, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        hang_up(c);
        return;
    }
    c->n += (size_t)got;
    switch (request_parse(CH_BYTES(c->in, c->n), &request)) {
    case REQUEST_MORE:
        break;
    case REQUEST_READY:
        status = s->handler(s->context, &request, text);
        send_reply(c, status, text);
        break;
    case REQUEST_BAD:
        send_reply(c, CH_CA_MALFORMED, "malformed");
        break;
    }
}

/* Fills the list for poll, and returns how long to wait at most, in milliseconds; -1: for ever. */
static int prepare_poll(const struct server *s, struct pollfd fds[1 + MAX_CALLERS])
{
    int64_t next = -1;

    fds[0] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    for (size_t i = 0; i < MAX_CALLERS; i++) {
        const struct caller *c = &s->callers[i];
        fds[1 + i] = (struct pollfd){.fd = c->fd, .events = POLLIN}; /* poll ignores a negative descriptor */
        if (c->fd >= 0 && (next < 0 || c->deadline < next))
            next = c->deadline;
    }
    if (next < 0)
        return -1;
    int64_t left = next - ch_tick_ms();
    return left > 0 ? (int)left : 0;
}

static void serve_ready(struct server *s, const struct pollfd fds[1 + MAX_CALLERS])
{
    int64_t now = ch_tick_ms(); /* the time of the poll, so that the duration of one request makes no other caller late */

    for (size_t i = 0; i < MAX_CALLERS; i++) {
        struct caller *c = &s->callers[i];
        if (c->fd >= 0 && fds[1 + i].revents != 0)
            hear_caller(s, c);
        if (c->fd >= 0 && c->deadline <= now)
            hang_up(c);
    }
    if (fds[0].revents != 0) /* last, because it may replace a caller of this round */
        accept_caller(s);
}

void server_run(int listener, const struct peers *peers, int patience_ms, server_handler *handler, void *context,
                const volatile sig_atomic_t *stop, const sigset_t *waiting)
{
    struct server s = {
        .listener = listener, .peers = peers, .patience_ms = patience_ms, .handler = handler, .context = context};
    struct pollfd fds[1 + MAX_CALLERS];

    for (size_t i = 0; i < MAX_CALLERS; i++)
        s.callers[i].fd = -1;
    while (!*stop) {
        int ms = prepare_poll(&s, fds);
        struct timespec limit = {ms / 1000, (long)(ms % 1000) * 1000000};
        int n = ppoll(fds, CH_COUNT(fds), ms >= 0 ? &limit : NULL, waiting);
        if (n < 0)
            continue; /* a signal */
        serve_ready(&s, fds);
    }
    for (size_t i = 0; i < MAX_CALLERS; i++)
        hang_up(&s.callers[i]);
}
