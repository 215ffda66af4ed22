/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hall/cutout.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/hall/png.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "certhall-picture"

/* What the program says when it finds nothing (programs/picture/picture.h), for people. */
static const struct {
    const char *word, *sentence;
} refusals[] = {
    {"unreadable", "图片无法读取，请重新扫描后上传。"},
    {"none", "没有在扫描件中找到红色印章，请上传清晰的彩色扫描件。"},
    {"small", "扫描件中的印章太小，请提高扫描分辨率（建议 300 dpi）后重新上传。"},
    {"blurred", "扫描件中的印章不够清晰，请重新盖章、扫描后上传。"},
    {"cut", "扫描件中的印章不完整，请将印章完整地扫描在页面内。"},
    {"shape", "扫描件中的红色部分不是规则的印章，请在空白处单独盖章、扫描后上传。"},
};

static atomic_int running;

struct child {
    pid_t pid;
    int in, out; /* our ends */
};

/* The program lies beside the one that runs. */
static const char *program_path(struct ch_arena *a)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;

    return slash == NULL ? PROGRAM : ch_printf(a, "%.*s/" PROGRAM, (int)(slash - self), self);
}

static bool start(struct ch_arena *a, const struct ch_cutout *want, struct child *c)
{
    char *const argv[] = {PROGRAM, ch_strdup(a, want->kind), ch_printf(a, "%d", want->mm), ch_printf(a, "%d", want->turn),
                          NULL};
    char *const environment[] = {"LC_ALL=C.UTF-8", NULL}; /* nothing of ours goes along */
    posix_spawn_file_actions_t files;
    int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = -1;

    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, in[0], 0);
        posix_spawn_file_actions_adddup2(&files, out[1], 1);
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
        rc = posix_spawn(&c->pid, program_path(a), &files, NULL, argv, environment);
        posix_spawn_file_actions_destroy(&files);
    }
    close(in[0]);
    close(out[1]);
    *c = (struct child){rc == 0 ? c->pid : -1, in[1], out[0]};
    return rc == 0 && fcntl(c->in, F_SETFL, O_NONBLOCK) == 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0;
}

/* One wait; writes what fits and reads what came. False at the answer's end, on an error or when the time is over. */
static bool step(struct child *c, struct ch_bytes *rest, struct ch_buf *answer, int64_t deadline)
{
    struct pollfd fds[2] = {{c->out, POLLIN, 0}, {rest->n > 0 ? c->in : -1, POLLOUT, 0}};
    int64_t left = deadline - ch_tick_ms();
    char piece[16384];

    if (left <= 0 || poll(fds, 2, (int)left) <= 0)
        return false;
    if (fds[1].revents != 0) {
        ssize_t n = write(c->in, rest->p, rest->n);
        size_t done = n > 0 ? (size_t)n : n < 0 && errno == EAGAIN ? 0 : rest->n; /* it has stopped listening */
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
    return n > 0 && answer->n <= CH_CUTOUT_BYTES + 256;
}

/* All of the answer; false when the process did not come to a good end in time. */
static bool converse(struct child *c, struct ch_bytes file, struct ch_buf *answer)
{
    int64_t deadline = ch_tick_ms() + CH_CUTOUT_MS;
    int status = -1;

    while (step(c, &file, answer, deadline))
        ;
    if (c->in >= 0)
        close(c->in);
    close(c->out);
    kill(c->pid, SIGKILL); /* it has closed its answer, or is not to go on */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return ch_tick_ms() < deadline && answer->n > 0;
}

static enum ch_err refused(struct ch_fault *f, const char *word)
{
    for (size_t i = 0; i < CH_COUNT(refusals); i++)
        if (strcmp(refusals[i].word, word) == 0)
            return ch_refuse(f, CH_E_INVALID, "/stamp", refusals[i].sentence);
    return ch_fault(f, CH_E_INTERNAL, "certhall-picture said something else");
}

/* "ok <width> <height>\n" and a PNG, or "no <word>\n". */
static enum ch_err read_answer(struct ch_fault *f, struct ch_buf *b, struct ch_stamp_picture *out)
{
    char word[16] = "";
    int used = 0, w, h, pw, ph;

    if (sscanf(b->p, "no %15s", word) == 1)
        return refused(f, word);
    if (sscanf(b->p, "ok %d %d%n", &w, &h, &used) != 2 || b->p[used] != '\n')
        return ch_fault(f, CH_E_INTERNAL, "certhall-picture gave no answer");
    struct ch_bytes png = CH_BYTES(b->p + used + 1, b->n - (size_t)used - 1);
    if (!ch_png_mm(png, &pw, &ph) || pw != w || ph != h || w < 5 || w > CH_CUTOUT_MM_MAX || h < 5 || h > CH_CUTOUT_MM_MAX)
        return ch_fault(f, CH_E_INTERNAL, "certhall-picture gave a picture of another size");
    *out = (struct ch_stamp_picture){.png = png, .width = w, .height = h};
    return CH_OK;
}

static enum ch_err cut_out(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want,
                           struct ch_stamp_picture *out)
{
    struct child c = {-1, -1, -1};
    struct ch_buf answer;

    if (!start(a, want, &c))
        return ch_fault(f, CH_E_INTERNAL, "certhall-picture does not start: %s", strerror(errno));
    ch_buf_init(&answer, a);
    if (!converse(&c, want->file, &answer)) {
        ch_refuse(f, CH_E_UNAVAILABLE, NULL, "图片处理没有完成，请换一张较小、清晰的扫描件重试。");
        return ch_fault(f, CH_E_UNAVAILABLE, "certhall-picture did not finish");
    }
    return read_answer(f, &answer, out);
}

enum ch_err ch_cutout(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want, struct ch_stamp_picture *out)
{
    enum ch_err e;

    if (atomic_fetch_add(&running, 1) < CH_CUTOUT_AT_ONCE)
        e = cut_out(a, f, want, out);
    else
        e = ch_refuse(f, CH_E_UNAVAILABLE, NULL, "正在处理的图片较多，请稍候再试。");
    atomic_fetch_sub(&running, 1);
    return e;
}
