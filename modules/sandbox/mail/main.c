/* SPDX-License-Identifier: Apache-2.0
 * Process sandbox-mail: the mail server to which the hall submits its e-mail, at 127.0.0.20 and the hall's port. It stores what
 * it accepts in sandbox.mail and forwards nothing. */
#include "core/base/config.h"
#include "core/base/harden.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "core/db/db.h"
#include "modules/sandbox/mail/server.h"
#include "modules/sandbox/register.h"
#include "sandbox_mail_sql.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS "127.0.0.20"
#define MOST_CLIENTS 32

static struct ch_db *db; /* one connection for all threads, under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static SSL_CTX *tls;
static atomic_int clients;

static bool is_switched(void *ctx, const char *key)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_rows rows;

    (void)ctx;
    pthread_mutex_lock(&lock);
    bool on = ch_db_one(db, a, NULL, CH_CALL(&sandbox_mail_switched, ch_p_text(key)), &rows) == CH_OK &&
              ch_col_bool(&rows, 0, "out");
    pthread_mutex_unlock(&lock);
    ch_arena_free(a);
    return on;
}

static bool keep_message(void *ctx, const struct mail_dialogue *d, struct ch_bytes raw)
{
    enum ch_err e = CH_OK;

    (void)ctx;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < d->to_n && e == CH_OK; i++)
        e = ch_db_one(db, d->a, NULL,
                      CH_CALL(&sandbox_mail_new, ch_p_text(d->from), ch_p_text(d->to[i]), ch_p_bytes(raw)), NULL);
    pthread_mutex_unlock(&lock);
    return e == CH_OK;
}

static void *serve_client(void *arg)
{
    const struct sandbox_register *reg = sandbox_register();
    const struct mail_host host = {reg->mail_user, reg->mail_password, is_switched, keep_message, NULL};

    mail_server_talk((int)(intptr_t)arg, tls, &host);
    clients--;
    return NULL;
}

static void accept_client(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pthread_t thread;

    if (fd < 0)
        return;
    if (++clients > MOST_CLIENTS || pthread_create(&thread, NULL, serve_client, (void *)(intptr_t)fd) != 0) {
        clients--;
        close(fd);
        return;
    }
    pthread_detach(thread);
}

/* The port of the hall's own address. */
static uint16_t hall_port(void)
{
    const char *host = strstr(ch_conf(CONF_ORIGIN), "://"), *colon = host != NULL ? strchr(host + 3, ':') : NULL;
    return colon != NULL ? (uint16_t)strtoul(colon + 1, NULL, 10) : 80;
}

static int open_listener(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(hall_port())};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd >= 0 && inet_pton(AF_INET, ADDRESS, &at.sin_addr) == 1 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, MOST_CLIENTS) == 0)
        return fd;
    ch_log(CH_ERROR, NULL, "cannot listen at " ADDRESS ":%d: %s", hall_port(), strerror(errno));
    return -1;
}

static void serve_until_stopped(int listener, int stop_fd)
{
    struct pollfd fds[] = {{.fd = stop_fd, .events = POLLIN}, {.fd = listener, .events = POLLIN}};

    for (;;) {
        if (poll(fds, CH_COUNT(fds), -1) < 0)
            continue;
        if (fds[0].revents != 0)
            return;
        if (fds[1].revents != 0)
            accept_client(listener);
    }
}

static bool load_settings(void)
{
    if (!ch_config_load() || !ch_conf_bool(CONF_SANDBOX) || ch_conf_bool(CONF_PRODUCTION) || !sandbox_register_load())
        return false;
    tls = mail_server_tls(sandbox_register()->mail_server_key, sandbox_register()->mail_server);
    return tls != NULL;
}

int main(int argc, char **argv)
{
    static const struct ch_stmt *const *const lists[] = {sandbox_mail_statements, NULL};
    sigset_t stop;

    if (ch_version_asked(argc, argv))
        return 0;
    ch_log_program("sandbox-mail");
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    int stop_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK), listener = -1;
    if (stop_fd < 0 || !load_settings() || !ch_harden(CH_NEEDS_DAEMON | CH_NEEDS_NET))
        return 1;
    db = ch_db_await(ch_conf(CONF_SANDBOX_DB), "certhall_sandbox", lists);
    if (db == NULL || (listener = open_listener()) < 0) {
        sleep(1); /* slows down supervisor, which restarts the program */
        return 1;
    }
    ch_log(CH_INFO, NULL, "running");
    serve_until_stopped(listener, stop_fd);
    return 0;
}
