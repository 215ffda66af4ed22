/* SPDX-License-Identifier: Apache-2.0
 * Calls to outside services: repetition, and the circuit breaker whose state all processes share through a mapped file. */
#include "core/gateway/vendor.h"

#include "core/base/clock.h"
#include "core/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 3
#define FIRST_WAIT_MS 200

static const struct ch_vendor_row rows[] = {
#define CH_VENDOR(sym, word, name, url) [sym] = {word, name, url},
#include "core/gateway/vendor_all.tbl"
};

/* The contents of the shared file. `made` is written last. A file with another value there is initialized again, which
 * loses nothing but counts. */
struct board {
    pthread_mutex_t lock;
    struct ch_vendor_state vendors[CH_V__COUNT];
    uint64_t made;
};
#define MADE ((uint64_t)0x6365727468616c32 ^ sizeof(struct board))

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct board *board;
static struct board private_board; /* used when there is no shared file */

const struct ch_vendor_row *ch_vendor_row(enum ch_vendor v)
{
    return &rows[v];
}

bool ch_vendor_find(const char *word, enum ch_vendor *out)
{
    for (size_t i = 0; i < CH_V__COUNT; i++)
        if (strcmp(rows[i].word, word) == 0) {
            *out = (enum ch_vendor)i;
            return true;
        }
    return false;
}

/* The mutex is robust, so that a process killed while holding it does not block the others. */
static void make_board(struct board *b)
{
    pthread_mutexattr_t attr;

    memset(b, 0, sizeof *b);
    if (pthread_mutexattr_init(&attr) != 0 || pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
        pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 || pthread_mutex_init(&b->lock, &attr) != 0)
        abort();
    pthread_mutexattr_destroy(&attr);
    b->made = MADE;
}

static struct board *map_board(int fd)
{
    struct stat st;

    if (flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0)
        return NULL;
    bool fits = st.st_size == (off_t)sizeof(struct board);
    if (!fits && (ftruncate(fd, 0) != 0 || ftruncate(fd, (off_t)sizeof(struct board)) != 0))
        return NULL;
    struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (b == MAP_FAILED)
        return NULL;
    if (b->made != MADE)
        make_board(b);
    return b;
}

static void open_board(void)
{
    const char *path = ch_conf(CONF_VENDOR_STATE);
    int fd = *path != '\0' ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660) : -1;

    if (fd >= 0) {
        if (fchmod(fd, 0660) != 0 && errno != EPERM) /* the umask of the process that created it must not count */
            ch_log(CH_WARN, NULL, "vendor_state: the file's mode cannot be set");
        board = map_board(fd);
        flock(fd, LOCK_UN); /* the mapping keeps the open file, and with it the lock, beyond close */
        close(fd);
    }
    if (board != NULL)
        return;
    if (*path != '\0')
        ch_log(CH_ERROR, NULL, "vendor_state %s cannot be used: %s", path, strerror(errno));
    make_board(&private_board);
    board = &private_board;
}

static struct ch_vendor_state *lock_vendor(enum ch_vendor v)
{
    pthread_once(&once, open_board);
    if (pthread_mutex_lock(&board->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&board->lock);
    return &board->vendors[v];
}

static void unlock_board(void)
{
    pthread_mutex_unlock(&board->lock);
}

void ch_vendor_state(enum ch_vendor v, struct ch_vendor_state *out)
{
    *out = *lock_vendor(v);
    unlock_board();
}

void ch_vendor_close(enum ch_vendor v)
{
    struct ch_vendor_state *s = lock_vendor(v);

    s->circuit = CH_CIRCUIT_CLOSED;
    s->failures = 0;
    unlock_board();
}

/* An open circuit admits one trial call when its time has passed. Because a trial sets the time anew, a trial whose process
 * died is followed by another one after the same time. */
bool ch_vendor_admits(enum ch_vendor v)
{
    int64_t now = ch_now_ms(), rest = ch_conf_int(CONF_BREAKER_SECONDS) * 1000;
    struct ch_vendor_state *s = lock_vendor(v);
    bool admitted = s->circuit == CH_CIRCUIT_CLOSED;

    if (!admitted && now - s->opened >= rest) {
        s->circuit = CH_CIRCUIT_TRYING;
        s->opened = now;
        admitted = true;
    }
    unlock_board();
    return admitted;
}

void ch_vendor_report(enum ch_vendor v, const struct ch_answer *answer)
{
    int64_t now = ch_now_ms();
    struct ch_vendor_state *s = lock_vendor(v);
    enum ch_circuit before = s->circuit;

    if (answer->outcome == CH_UNKNOWN) {
        s->bad++;
        s->failures++;
        s->last_bad = now;
        snprintf(s->why, sizeof s->why, "%s: %s", answer->code, answer->message);
        if (before == CH_CIRCUIT_TRYING || s->failures >= ch_conf_int(CONF_BREAKER_FAILURES)) {
            s->circuit = CH_CIRCUIT_OPEN;
            s->opened = now;
        }
    } else {
        s->good++;
        s->last_good = now;
        s->failures = 0;
        s->circuit = CH_CIRCUIT_CLOSED;
    }
    enum ch_circuit after = s->circuit;
    unlock_board();
    if (before == CH_CIRCUIT_CLOSED && after == CH_CIRCUIT_OPEN)
        ch_log(CH_ERROR, NULL, "%s is left alone for %lld s: %s: %s", rows[v].word,
               (long long)ch_conf_int(CONF_BREAKER_SECONDS), answer->code, answer->message);
    if (before != CH_CIRCUIT_CLOSED && after == CH_CIRCUIT_CLOSED)
        ch_log(CH_INFO, NULL, "%s answers again", rows[v].word);
}

bool ch_vendor_send(struct ch_arena *a, struct ch_fault *f, enum ch_vendor v, const struct ch_http_request *req,
                    struct ch_http_response *res, struct ch_answer *answer, enum ch_err *e)
{
    struct ch_fault own = {0};

    *e = ch_http(a, &own, req, res);
    if (*e == CH_OK)
        return true;
    if (*e == CH_E_INTERNAL) {
        ch_fault(f, *e, "%s: %s", rows[v].word, own.detail);
        return false;
    }
    *answer = CH_NO_ANSWER(ch_strdup(a, own.detail));
    *e = CH_OK;
    return false;
}

enum ch_err ch_vendor_call(struct ch_arena *a, struct ch_fault *f, enum ch_vendor v, enum ch_repeat repeat,
                           ch_vendor_try *try, void *call, struct ch_answer *answer)
{
    int64_t begun = ch_tick_ms(), patience = ch_conf_int(CONF_VENDOR_TIMEOUT) / 2;
    enum ch_err e = CH_OK;

    for (int n = 1;; n++) {
        if (!ch_vendor_admits(v)) {
            *answer = (struct ch_answer){CH_UNKNOWN, "circuit_open", "the vendor is left alone for a while", ""};
            return CH_OK;
        }
        e = try(a, f, call, answer);
        if (e != CH_OK) /* nothing was sent: the vendor is not to blame */
            return e;
        ch_vendor_report(v, answer);
        if (answer->outcome != CH_UNKNOWN || repeat == CH_ONE_TRY || n == TRIES || ch_tick_ms() - begun > patience)
            return e;
        nanosleep(&(struct timespec){0, (FIRST_WAIT_MS << (n - 1)) * 1000000L}, NULL);
    }
}
