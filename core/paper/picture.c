/* SPDX-License-Identifier: Apache-2.0
 * Starts certhall-picture, feeds it the file, and reads its answer. */
#include "core/paper/picture.h"

#include "core/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "certhall-picture"
#define WORDS_MAX 4
#define LOOK_MS 30000
#define LOOK_BYTES 1024

struct child {
    pid_t pid;
    int in, out; /* our ends of its standard input and output; -1: closed */
};

/* The program is in the folder of the running program. */
static const char *program_path(struct ch_arena *a)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;

    return slash == NULL ? PROGRAM : ch_printf(a, "%.*s/" PROGRAM, (int)(slash - self), self);
}

static bool start_program(struct ch_arena *a, const char *const *words, struct child *c)
{
    char *const environment[] = {"LC_ALL=C.UTF-8", NULL}; /* none of the hall's own variables */
    char *arguments[WORDS_MAX + 2] = {ch_strdup(a, PROGRAM)};
    posix_spawn_file_actions_t files;
    int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = -1;

    for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
        arguments[i + 1] = ch_strdup(a, words[i]);
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, in[0], 0);
        posix_spawn_file_actions_adddup2(&files, out[1], 1);
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
        rc = posix_spawn(&c->pid, program_path(a), &files, NULL, arguments, environment);
        posix_spawn_file_actions_destroy(&files);
    }
    int cause = rc < 0 ? errno : rc; /* posix_spawn returns its error and leaves errno alone */
    close(in[0]);
    close(out[1]);
    errno = cause;
    *c = (struct child){rc == 0 ? c->pid : -1, in[1], out[0]};
    return rc == 0 && fcntl(c->in, F_SETFL, O_NONBLOCK) == 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0;
}

/* Waits once, then writes what the program accepts and reads what it has sent. False at the end of the answer, on an error, and
 * after the deadline. */
static bool exchange_some(struct child *c, struct ch_bytes *rest, struct ch_buf *answer, size_t most, int64_t deadline)
{
    struct pollfd fds[2] = {{c->out, POLLIN, 0}, {rest->n > 0 ? c->in : -1, POLLOUT, 0}};
    int64_t left = deadline - ch_tick_ms();
    char piece[16384];

    if (left <= 0 || poll(fds, 2, (int)left) <= 0)
        return false;
    if (fds[1].revents != 0) {
        ssize_t n = write(c->in, rest->p, rest->n);
        size_t done = n > 0 ? (size_t)n : n < 0 && errno == EAGAIN ? 0 : rest->n; /* the program no longer reads */
        *rest = CH_BYTES(rest->p + done, rest->n - done);
        if (rest->n == 0) {
            close(c->in);
            c->in = -1;
        }
    }
    if (fds[0].revents == 0)
        return true;
    ssize_t n = read(c->out, piece, sizeof piece);
    if (n > 0)
        ch_buf_add(answer, piece, (size_t)n);
    return n > 0 && answer->n <= most;
}

/* Closes what is still open of a program, and ends it. */
static void end_program(struct child *c)
{
    int status;

    if (c->in >= 0)
        close(c->in);
    if (c->out >= 0)
        close(c->out);
    if (c->pid < 0)
        return;            /* it was not started */
    kill(c->pid, SIGKILL); /* it has closed its output, or has to be stopped */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
}

/* Exchanges the file for the answer and ends the program. False when there was no answer in time. */
static bool exchange(struct child *c, const struct ch_picture_ask *ask, struct ch_buf *answer)
{
    int64_t deadline = ch_tick_ms() + ask->ms;
    struct ch_bytes file = ask->file;

    while (exchange_some(c, &file, answer, ask->most, deadline))
        ;
    end_program(c);
    return ch_tick_ms() < deadline && answer->n > 0;
}

enum ch_err ch_picture(struct ch_arena *a, struct ch_fault *f, const struct ch_picture_ask *ask, struct ch_buf *answer)
{
    struct child c = {-1, -1, -1};

    if (!start_program(a, ask->words, &c)) {
        enum ch_err e = ch_fault(f, CH_E_INTERNAL, "certhall-picture does not start: %s", strerror(errno));
        end_program(&c);
        return e;
    }
    ch_buf_init(answer, a);
    return exchange(&c, ask, answer) ? CH_OK : ch_fault(f, CH_E_UNAVAILABLE, "certhall-picture did not finish");
}

/* ---- a paper ---- */

bool ch_paper_look_read(struct ch_arena *a, const char *said, struct ch_paper_look *out)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz|";
    int stamp, sharp, used = 0;
    char code[LOOK_BYTES], *end;

    *out = (struct ch_paper_look){0};
    if (sscanf(said, "ok %3d %1d %1d %3d%n", &out->pages, &stamp, &sharp, &out->sharpness, &used) != 4 || said[used] != '\n')
        return false;
    out->stamped = stamp == 1;
    out->sharp = sharp == 1;
    for (said += used + 1; out->n < CH_PAPER_CODES && (end = strchr(said, '\n')) != NULL; said = end + 1) {
        size_t n = (size_t)(end - said);
        if (n < 5 || n >= sizeof code || memcmp(said, "code ", 5) != 0)
            return false;
        snprintf(code, sizeof code, "%.*s", (int)(n - 5), said + 5);
        if (strncmp(code, "CH1|", 4) != 0 || strspn(code, letters) != strlen(code))
            return false;
        out->codes[out->n++] = ch_strdup(a, code);
    }
    return *said == '\0' && out->pages > 0;
}

enum ch_err ch_paper_look(struct ch_arena *a, struct ch_fault *f, struct ch_bytes file, struct ch_paper_look *out)
{
    static const char *const words[] = {"check", NULL};
    const struct ch_picture_ask ask = {words, file, LOOK_BYTES, LOOK_MS};
    struct ch_buf answer;
    enum ch_err e = ch_picture(a, f, &ask, &answer);

    if (e != CH_OK)
        return e;
    if (strcmp(answer.p, "no unreadable\n") == 0)
        return ch_fault(f, CH_E_INVALID, "neither a picture nor a PDF");
    return ch_paper_look_read(a, answer.p, out)
               ? CH_OK
               : ch_fault(f, CH_E_UNAVAILABLE, "certhall-picture gave an unknown answer");
}
