/* SPDX-License-Identifier: Apache-2.0
 * The accept loop: one epoll set in front of libfcgi hands ready connections to a few threads.
 *
 * libfcgi reads and writes blocking, so a connection reaches a thread only when bytes are waiting: idle kept connections
 * and silent peers cost nobody anything. Its own accept is never used; that it takes a connection put into
 * FCGX_Request.ipcFd by hand is pinned by tests/serve. A peer that stalls in the middle of a request is dropped after
 * STALL_SECONDS.
 *
 * A stop takes the listener out of the set (it is shared with sibling processes, so it is never shut down) and goes on
 * answering on connections that nginx keeps, until nginx has closed them by its keepalive_time, so that no request that
 * was already on its way is lost. */
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
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER 0
#define STALL_SECONDS 5
#define STOP_SECONDS 8
#define DRAIN_MAX CH_KB(8 * 1024)
#define MAX_THREADS 64

static const struct ch_module *module;
static int set = -1;
static atomic_int open_connections;
static atomic_bool stopping;
static atomic_bool done;

static bool watch(int op, int fd)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.fd = fd};
    return epoll_ctl(set, op, fd, &ev) == 0;
}

/* Watches a connection that has been accepted. */
static void keep_connection(int fd)
{
    struct timeval limit = {.tv_sec = STALL_SECONDS};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    atomic_fetch_add(&open_connections, 1);
    if (!watch(EPOLL_CTL_ADD, fd)) {
        close(fd);
        atomic_fetch_sub(&open_connections, 1);
    }
}

/* Takes every connection that waits at the shared listener. The listener has its turn among all connections that are ready, so one
 * that had to wait for a turn of its own would be answered long after those that nginx keeps. */
static void take_connections(void)
{
    int fd;

    while ((fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        keep_connection(fd);
    if (!stopping && !watch(EPOLL_CTL_MOD, LISTENER))
        ch_log(CH_ERROR, NULL, "epoll: listener: %s", strerror(errno));
}

/* Some clients (NSS for one) take no status line without words behind the number. */
static const char *phrase(int status)
{
    static const struct {
        int status;
        const char *words;
    } phrases[] = {{200, "OK"},           {201, "Created"},   {202, "Accepted"}, {204, "No Content"}, {302, "Found"},
                   {304, "Not Modified"}, {400, "Malformed"}, {404, "Not Found"}};

    for (size_t i = 0; i < CH_COUNT(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].words;
    return status < 400 ? "OK" : "Refused";
}

static void write_reply(const struct ch_req *r, FCGX_Stream *out)
{
    const struct ch_reply *p = &r->reply;

    FCGX_FPrintF(out, "Status: %d %s\r\nX-Request-Id: %s\r\nCache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
                 p->status, phrase(p->status), r->id, p->cache != NULL ? p->cache : "no-store");
    if (p->mime != NULL)
        FCGX_FPrintF(out, "Content-Type: %s\r\n", p->mime);
    if (p->headers != NULL)
        FCGX_PutS(p->headers, out);
    if (p->status != 304) /* its length would be that of what is not sent */
        FCGX_FPrintF(out, "Content-Length: %d\r\n", (int)p->body.n);
    FCGX_PutS("\r\n", out);
    if (p->body.n > 0)
        FCGX_PutStr((const char *)p->body.p, (int)p->body.n, out);
}

/* Reads the request's body to its very end, the empty record behind it included: what stays unread on a kept connection
 * would be taken for the next request, and that one would be lost. Past DRAIN_MAX the connection is closed instead. */
static void drain(FCGX_Request *fcgi)
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

static void answer(struct ch_arena *a, FCGX_Request *fcgi)
{
    struct ch_req r = {.a = a, .module = module, .params = (const char *const *)fcgi->envp, .slug = ""};
    const char *id = ch_fcgi(&r, "REQUEST_ID");

    r.id = ch_strdup(a, *id != '\0' ? id : ch_uuid7(a));
    ch__process(&r, fcgi->in);
    drain(fcgi);
    write_reply(&r, fcgi->out);
}

/* One request of a connection that has bytes waiting. */
static void serve_connection(struct ch_arena *a, int fd)
{
    FCGX_Request fcgi;

    FCGX_InitRequest(&fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    fcgi.ipcFd = fd;
    fcgi.keepConnection = 1; /* or FCGX_Accept_r would first close it as a finished request's */
    if (FCGX_Accept_r(&fcgi) < 0) { /* the peer is gone, or no FastCGI peer: libfcgi has closed it */
        atomic_fetch_sub(&open_connections, 1);
        return;
    }
    answer(a, &fcgi);
    FCGX_Finish_r(&fcgi);
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
        if (epoll_wait(set, &ev, 1, 200) != 1)
            continue;
        if (ev.data.fd == LISTENER)
            take_connections();
        else
            serve_connection(a, ev.data.fd);
    }
    ch_arena_free(a);
    return NULL;
}

/* Waits until nginx has closed what it keeps, but not for ever. */
static void drain_connections(void)
{
    int64_t limit = ch_tick_ms() + STOP_SECONDS * 1000;

    stopping = true;
    epoll_ctl(set, EPOLL_CTL_DEL, LISTENER, NULL);
    while (open_connections > 0 && ch_tick_ms() < limit)
        usleep(20 * 1000);
    done = true;
}

static bool start_loop(void)
{
    set = epoll_create1(EPOLL_CLOEXEC);
    /* The listener is shared by processes: a wake-up that another one answers must not block in accept. */
    return set >= 0 && fcntl(LISTENER, F_SETFL, fcntl(LISTENER, F_GETFL) | O_NONBLOCK) == 0 &&
           watch(EPOLL_CTL_ADD, LISTENER);
}

int ch__serve(const struct ch_module *m)
{
    pthread_t threads[MAX_THREADS];
    int64_t n = ch_conf_int(CONF_THREADS);
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
    /* After FCGX_Init, which installs handlers of its own; blocked in every thread, or a request would be lost to EINTR. */
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    if (n < 1 || n > MAX_THREADS)
        n = 4;
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
