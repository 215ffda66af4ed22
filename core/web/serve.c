/* SPDX-License-Identifier: Apache-2.0
 * The accept loop: a few threads wait on one epoll set and hand ready connections to libfcgi.
 *
 * libfcgi reads and writes blocking, so a thread gets a connection only when bytes are waiting: idle connections and silent
 * peers occupy no thread. libfcgi's own accept is not used; tests/serve makes sure that it takes a connection that was put
 * into FCGX_Request.ipcFd. A peer that stalls in the middle of a request is dropped after STALL_SECONDS, one that reads an answer in
 * parts after SLOW_SECONDS, as nginx waits for a client that reads slowly.
 *
 * On SIGTERM the listener is removed from the set; it is shared with sibling processes, so it is never shut down. Connections
 * that nginx keeps are served until nginx closes them by its keepalive_time, so that no request on its way is lost. */
#include "core/web/private.h"

#include "core/base/config.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER 0
#define STALL_SECONDS 5
#define SLOW_SECONDS 60 /* the back office's send_timeout (nginx/desk.conf.in) */
#define STOP_SECONDS 8
#define DRAIN_MAX CH_KB(8 * 1024)
#define MAX_THREADS 64 /* of the setting; as many again may have a password hashed */

static const struct ch_module *module;
static int set = -1;
static int wake = -1; /* an eventfd in the set: readable as soon as `done` is true, so that every thread wakes up */
static atomic_int open_connections;
static atomic_bool stopping;
static atomic_bool done;

static bool watch(int op, int fd)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.fd = fd};
    return epoll_ctl(set, op, fd, &ev) == 0;
}

/* Limits how long a call of the connection may wait: SO_RCVTIMEO or SO_SNDTIMEO. */
static void limit_wait(int fd, int which, int seconds)
{
    struct timeval limit = {.tv_sec = seconds};

    setsockopt(fd, SOL_SOCKET, which, &limit, sizeof limit);
}

/* Adds an accepted connection to the set. */
static void add_connection(int fd)
{
    limit_wait(fd, SO_RCVTIMEO, STALL_SECONDS);
    limit_wait(fd, SO_SNDTIMEO, STALL_SECONDS);
    atomic_fetch_add(&open_connections, 1);
    if (!watch(EPOLL_CTL_ADD, fd)) {
        close(fd);
        atomic_fetch_sub(&open_connections, 1);
    }
}

/* Accepts all connections that wait at the shared listener. The listener gets its turn among all ready connections: if only
 * one were accepted at a turn, the others would be answered long after those that nginx keeps. */
static void accept_connections(void)
{
    int fd;

    while ((fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        add_connection(fd);
    if (!stopping && !watch(EPOLL_CTL_MOD, LISTENER))
        ch_log(CH_ERROR, NULL, "epoll: listener: %s", strerror(errno));
}

/* The reason phrase of a status. Some clients, such as NSS, refuse a status line without one. */
static const char *reason_phrase(int status)
{
    static const struct {
        int status;
        const char *words;
    } phrases[] = {{200, "OK"},    {201, "Created"},      {202, "Accepted"},  {204, "No Content"},
                   {302, "Found"}, {304, "Not Modified"}, {400, "Malformed"}, {404, "Not Found"}};

    for (size_t i = 0; i < CH_COUNT(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].words;
    return status < 400 ? "OK" : "Refused";
}

static bool write_body(const struct ch_req *r, FCGX_Stream *out)
{
    return FCGX_PutStr((const char *)r->reply.body.p, (int)r->reply.body.n, out) == (int)r->reply.body.n;
}

/* Writes the reply, or its first part. */
static void write_reply(const struct ch_req *r, FCGX_Stream *out)
{
    const struct ch_reply *p = &r->reply;

    FCGX_FPrintF(out, "Status: %d %s\r\nX-Request-Id: %s\r\nCache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
                 p->status, reason_phrase(p->status), r->id, p->cache != NULL ? p->cache : "no-store");
    if (p->mime != NULL)
        FCGX_FPrintF(out, "Content-Type: %s\r\n", p->mime);
    if (p->headers != NULL)
        FCGX_PutS(p->headers, out);
    if (p->status != 304 && !p->more) /* without a body, or with one whose length is not known yet */
        FCGX_FPrintF(out, "Content-Length: %d\r\n", (int)p->body.n);
    FCGX_PutS("\r\n", out);
    if (p->body.n > 0)
        write_body(r, out);
}

/* Writes the parts after the first, each in an arena of its own. False when the reply is not whole: a part could not be made, the
 * peer is gone, or the process has waited long enough at its end. */
static bool write_parts(struct ch_req *r, FCGX_Request *fcgi)
{
    struct ch_arena *whole = r->a, *part = ch_arena_new();
    bool good = true;

    limit_wait(fcgi->ipcFd, SO_SNDTIMEO, SLOW_SECONDS);
    r->a = part;
    while (good && r->reply.more) {
        good = !done && FCGX_FFlush(fcgi->out) == 0;
        if (good && ch__next_part(r) != CH_OK) {
            ch_log(CH_ERROR, r->id, "%s breaks off: %s:%d %s", r->route->op, r->fault.file, r->fault.line, r->fault.detail);
            good = false;
        }
        good = good && write_body(r, fcgi->out);
        ch_arena_reset(part);
    }
    r->a = whole;
    ch_arena_free(part);
    limit_wait(fcgi->ipcFd, SO_SNDTIMEO, STALL_SECONDS);
    return good;
}

/* Reads the body to its end, including the empty record behind it. Unread bytes on a kept connection would be taken for the next
 * request, which would be lost. After DRAIN_MAX bytes the connection is closed instead. */
static void drain_body(FCGX_Request *fcgi)
{
    char waste[8192];
    size_t seen = 0;
    int n;

    while ((n = FCGX_GetStr(waste, sizeof waste, fcgi->in)) > 0)
        if ((seen += (size_t)n) > DRAIN_MAX) {
            fcgi->keepConnection = 0;
            return;
        }
}

/* Serves one request on a connection that has bytes waiting. */
static void serve_connection(struct ch_arena *a, int fd)
{
    FCGX_Request fcgi;

    FCGX_InitRequest(&fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    fcgi.ipcFd = fd;
    fcgi.keepConnection = 1;        /* otherwise FCGX_Accept_r would close it first, as that of a finished request */
    if (FCGX_Accept_r(&fcgi) < 0) { /* the peer is gone, or does not speak FastCGI: libfcgi has closed the connection */
        atomic_fetch_sub(&open_connections, 1);
        return;
    }
    struct ch_req r = {.a = a, .module = module, .params = (const char *const *)fcgi.envp, .slug = ""};
    const char *id = ch_fcgi(&r, "REQUEST_ID");
    r.id = ch_strdup(a, *id != '\0' ? id : ch_uuid7(a));
    ch__process(&r, fcgi.in);
    drain_body(&fcgi);
    write_reply(&r, fcgi.out);
    if (!r.reply.more || write_parts(&r, &fcgi))
        FCGX_Finish_r(&fcgi);
    else
        FCGX_Free(&fcgi, 1); /* without the record that ends an answer, nginx breaks the client's connection as well */
    ch_arena_reset(a);
    if (fcgi.ipcFd < 0 || !watch(EPOLL_CTL_MOD, fd))
        atomic_fetch_sub(&open_connections, 1);
}

static void *worker(void *unused)
{
    struct ch_arena *a = ch_arena_new();

    (void)unused;
    while (!done) {
        struct epoll_event ev;
        if (epoll_wait(set, &ev, 1, -1) != 1 || ev.data.fd == wake)
            continue;
        if (ev.data.fd == LISTENER)
            accept_connections();
        else
            serve_connection(a, ev.data.fd);
    }
    ch_arena_free(a);
    return NULL;
}

/* Waits until nginx has closed its connections, at most STOP_SECONDS. */
static void drain_connections(void)
{
    int64_t limit = ch_tick_ms() + STOP_SECONDS * 1000;

    stopping = true;
    epoll_ctl(set, EPOLL_CTL_DEL, LISTENER, NULL);
    while (open_connections > 0 && ch_tick_ms() < limit)
        usleep(20 * 1000);
    done = true;
    if (eventfd_write(wake, 1) != 0)
        abort(); /* threads that sleep on would never be joined */
}

static bool start_loop(void)
{
    struct epoll_event ended = {.events = EPOLLIN};

    set = epoll_create1(EPOLL_CLOEXEC);
    wake = ended.data.fd = eventfd(0, EFD_CLOEXEC);
    if (set < 0 || wake < 0 || epoll_ctl(set, EPOLL_CTL_ADD, wake, &ended) != 0)
        return false;
    /* Another process may accept the connection that woke this one: accept must not block. */
    return fcntl(LISTENER, F_SETFL, fcntl(LISTENER, F_GETFL) | O_NONBLOCK) == 0 && watch(EPOLL_CTL_ADD, LISTENER);
}

/* Those of the setting, and one for each request that may wait for a password's hash or be answered in parts. */
static int64_t number_of_threads(void)
{
    int64_t n = ch_conf_int(CONF_THREADS);
    return (n < 1 || n > MAX_THREADS ? 4 : n) + ch__password_places() + CH_PARTS_PLACES;
}

int ch__serve(const struct ch_module *m)
{
    pthread_t threads[2 * MAX_THREADS + CH_PARTS_PLACES];
    int64_t n = number_of_threads();
    sigset_t stop;
    int sig;

    module = m;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    if (FCGX_Init() != 0 || !start_loop()) {
        ch_log(CH_ERROR, NULL, "descriptor 0 is no listening socket: %s", strerror(errno));
        return 1;
    }
    /* After FCGX_Init, which installs its own handlers. The signals are blocked in all threads, or EINTR would lose a request. */
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    for (int64_t i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, worker, NULL) != 0)
            abort();
    ch_log(CH_INFO, NULL, "serving with %d threads", (int)n);
    sigwait(&stop, &sig);
    drain_connections();
    for (int64_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    ch_log(CH_INFO, NULL, "stopped");
    return 0;
}
