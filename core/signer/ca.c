/* SPDX-License-Identifier: Apache-2.0
 * The client of the signer: one connection, one request, one reply, within a deadline. */
#include "core/signer/ca.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct ch_ca_row rows[] = {
#define CH_CA_OP(sym, number, word, payload, ms) [number] = {word, payload, ms},
#include "core/signer/ca.tbl"
#undef CH_CA_OP
};

const struct ch_ca_row *ch_ca_row(int op)
{
    return op > 0 && op < (int)CH_COUNT(rows) && rows[op].word != NULL ? &rows[op] : NULL;
}

static bool is_name(const char *text, size_t n)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

    for (size_t i = 0; i < n; i++)
        if (memchr(allowed, text[i], sizeof allowed - 1) == NULL)
            return false;
    return n > 0 && n <= CH_CA_NAME_MAX;
}

bool ch_ca_payload_ok(enum ch_ca_payload kind, const char *text, size_t n)
{
    char uuid[CH_UUID_TEXT + 1] = "";

    switch (kind) {
    case CH_CA_NONE:
        return n == 0;
    case CH_CA_NAME:
        return is_name(text, n);
    case CH_CA_UUID:
        if (n == CH_UUID_TEXT)
            memcpy(uuid, text, n);
        return ch_is_uuid(uuid);
    }
    return false;
}

struct call {
    int fd;
    int64_t deadline; /* by ch_tick_ms */
};

static bool wait_ready(const struct call *c, short events)
{
    struct pollfd p = {.fd = c->fd, .events = events};
    int n;

    do {
        int64_t left = c->deadline - ch_tick_ms();
        n = left > 0 ? poll(&p, 1, (int)left) : 0;
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

static bool connect_signer(struct call *c, const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof to.sun_path)
        return false;
    memcpy(to.sun_path, path, strlen(path) + 1);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* EAGAIN means that the backlog is full. With a Unix socket there is no pending connection to wait for, so connect again. */
    while (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        if (errno != EAGAIN || ch_tick_ms() >= c->deadline)
            return false;
        poll(NULL, 0, 50);
    }
    return c->fd >= 0;
}

static bool send_all(const struct call *c, const unsigned char *p, size_t n)
{
    while (n > 0) {
        if (!wait_ready(c, POLLOUT))
            return false;
        ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
        }
    }
    return true;
}

static bool receive_all(const struct call *c, unsigned char *p, size_t n)
{
    while (n > 0) {
        if (!wait_ready(c, POLLIN))
            return false;
        ssize_t got = recv(c->fd, p, n, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        }
    }
    return true;
}

static bool send_and_receive(const struct call *c, enum ch_ca_op op, const char *payload, unsigned char reply[CH_CA_MAX + 1])
{
    unsigned char out[CH_CA_HEAD + CH_CA_MAX], head[CH_CA_HEAD];
    size_t n = 1 + strlen(payload);

    out[0] = out[1] = out[2] = 0;
    out[3] = (unsigned char)n;
    out[4] = (unsigned char)op;
    memcpy(out + 5, payload, n - 1);
    if (!send_all(c, out, CH_CA_HEAD + n) || !receive_all(c, head, sizeof head))
        return false;
    size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (length == 0 || length > CH_CA_MAX || !receive_all(c, reply, length))
        return false;
    reply[length] = '\0';
    return true;
}

static enum ch_err error_of_status(unsigned char status)
{
    switch (status) {
    case CH_CA_DONE:
        return CH_OK;
    case CH_CA_REFUSED:
        return CH_E_CONFLICT;
    case CH_CA_UNAVAILABLE:
        return CH_E_UNAVAILABLE;
    default:
        return CH_E_INTERNAL;
    }
}

static enum ch_err call_signer(struct ch_fault *f, enum ch_ca_op op, const char *payload, int timeout_ms)
{
    struct call c = {.fd = -1, .deadline = ch_tick_ms() + timeout_ms};
    unsigned char reply[CH_CA_MAX + 1];
    const char *path = ch_conf(CONF_SIGNER);
    bool connected = connect_signer(&c, path);
    bool answered = connected && send_and_receive(&c, op, payload, reply);

    if (c.fd >= 0)
        close(c.fd);
    if (!answered)
        return ch_fault(f, CH_E_UNAVAILABLE, "signer at %s: %s", path, connected ? "no answer" : "cannot connect");
    if (reply[0] != CH_CA_DONE)
        return ch_fault(f, error_of_status(reply[0]), "signer: status %u: %s", reply[0], (const char *)reply + 1);
    return CH_OK;
}

enum ch_err ch_ca_call(struct ch_arena *a, struct ch_fault *f, enum ch_ca_op op, const char *subject)
{
    const struct ch_ca_row *row = ch_ca_row(op);

    (void)a; /* unused, but every gateway takes an arena */
    if (row == NULL || !ch_ca_payload_ok(row->payload, subject, strlen(subject)))
        return ch_fault(f, CH_E_INTERNAL, "signer: no subject of the kind that the operation wants");
    return call_signer(f, op, subject, row->timeout_ms);
}
