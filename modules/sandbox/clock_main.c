/* SPDX-License-Identifier: Apache-2.0
 * Process sandbox-clock: everything that the vendors do by themselves. It sends their notifications, and repeats them until the
 * customer acknowledges them, and it moves the bank's payments on. Its clock runs sandbox_time_factor times faster than the
 * vendors'. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/harden.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/sandbox.h"
#include "sandbox_cmb_sql.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LONGEST_WAIT_MS 2000
#define SHORTEST_WAIT_MS 50
#define NOTIFY_TIMEOUT_MS 5000 /* how long WeChat waits for an answer; the others do not say */
#define BANK_STEP_SECONDS 60
#define BANK_RETURN_SECONDS 3600

static const struct sandbox_notifier *const notifiers[] = {
#define SANDBOX_NOTIFIER(notifier) &(notifier),
#include "modules/sandbox/vendor_all.tbl"
};

static const struct sandbox_notifier *notifier_of(const char *vendor)
{
    for (size_t i = 0; i < CH_COUNT(notifiers); i++)
        if (strcmp(notifiers[i]->vendor, vendor) == 0)
            return notifiers[i];
    return NULL;
}

/* Makes one attempt; true when the customer acknowledged the notification. */
static bool attempt_notice(struct ch_arena *a, const struct sandbox_notifier *who, const struct sandbox_notice *n,
                           const struct ch_http_request *req)
{
    struct ch_fault f = {0};
    struct ch_http_response res;
    enum ch_err e = ch_http(a, &f, req, &res);
    bool taken = e == CH_OK && who->taken(&res);

    if (!taken)
        ch_log(CH_INFO, n->id, "notification not acknowledged: %s",
               e == CH_OK ? ch_printf(a, "status %ld", res.status) : f.detail);
    return taken;
}

static enum ch_err note_attempt(struct ch_db *db, struct ch_arena *a, const char *id, bool taken, const char *wait)
{
    return ch_db_one(db, a, NULL, CH_CALL(&sandbox_notice_tried, ch_p_text(id), ch_p_bool(taken), ch_p_text(wait)), NULL);
}

/* Sends one notification that is due; false when none is. */
static bool send_due_notice(struct ch_db *db, struct ch_arena *a)
{
    struct ch_rows row;
    struct ch_json *facts = NULL;

    if (ch_db_one(db, a, NULL, CH_CALL0(&sandbox_notice_due), &row) != CH_OK || row.n == 0)
        return false;
    const char *text = ch_col(&row, 0, "facts");
    if (ch_json_parse(a, CH_BYTES(text, strlen(text)), &facts, NULL) != CH_JSON_OK)
        return false;
    const struct sandbox_notice n = {ch_col(&row, 0, "id"),
                                     ch_col(&row, 0, "kind"),
                                     ch_col(&row, 0, "about"),
                                     ch_col(&row, 0, "url"),
                                     facts,
                                     ch_col_int(&row, 0, "created"),
                                     ch_col_int(&row, 0, "tries")};
    const struct sandbox_notifier *who = notifier_of(ch_col(&row, 0, "vendor"));
    struct ch_http_request req = {.method = "POST", .url = n.url, .timeout_ms = NOTIFY_TIMEOUT_MS};
    if (who == NULL || !who->make(a, db, &n, &req))
        return note_attempt(db, a, n.id, false, NULL) == CH_OK;
    bool taken = attempt_notice(a, who, &n, &req), last = (size_t)n.tries >= who->retries;
    return note_attempt(db, a, n.id, taken, last ? NULL : sandbox_scaled(a, who->retry_seconds[n.tries])) == CH_OK;
}

static int next_wait_ms(struct ch_db *db, struct ch_arena *a)
{
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, CH_CALL0(&sandbox_next_due), &row) != CH_OK || row.n != 1 || ch_col(&row, 0, "ms") == NULL)
        return LONGEST_WAIT_MS;
    int64_t ms = ch_col_int(&row, 0, "ms");
    if (ms < SHORTEST_WAIT_MS) /* one is due already, but another process has it */
        return SHORTEST_WAIT_MS;
    return ms < LONGEST_WAIT_MS ? (int)ms : LONGEST_WAIT_MS;
}

static void run_clock(struct ch_db *db, int stop_fd)
{
    struct ch_arena *a = ch_arena_new();
    struct signalfd_siginfo signal_read;

    while (read(stop_fd, &signal_read, sizeof signal_read) < 0) { /* the descriptor does not block */
        while (send_due_notice(db, a))
            ch_arena_reset(a);
        struct ch_call step = CH_CALL(&sandbox_cmb_step, ch_p_text(sandbox_scaled(a, BANK_STEP_SECONDS)),
                                      ch_p_text(sandbox_scaled(a, BANK_RETURN_SECONDS)));
        if (ch_db_one(db, a, NULL, step, NULL) != CH_OK)
            ch_log(CH_WARN, NULL, "the bank's payments do not move: no database");
        int ms = next_wait_ms(db, a);
        ch_arena_reset(a);
        ch_db_wait(db, ms, stop_fd);
    }
    ch_arena_free(a);
}

int main(int argc, char **argv)
{
    static const struct ch_stmt *const *const lists[] = {
        sandbox_statements,
#define SANDBOX_STATEMENTS(list) list,
#include "modules/sandbox/vendor_all.tbl"
        NULL,
    };
    sigset_t stop;

    if (ch_version_asked(argc, argv))
        return 0;
    ch_log_program("sandbox-clock");
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    int fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0 || !ch_config_load() || !ch_conf_bool(CONF_SANDBOX) || ch_conf_bool(CONF_PRODUCTION) ||
        !sandbox_register_load() || !ch_harden(CH_NEEDS_DAEMON | CH_NEEDS_NET))
        return 1;
    struct ch_db *db = ch_db_await(ch_conf(CONF_SANDBOX_DB), "certhall_sandbox", lists);
    if (db == NULL || ch_db_listen(db, "sandbox") != CH_OK) {
        sleep(1); /* slows down supervisor, which restarts the program */
        return 1;
    }
    ch_log(CH_INFO, NULL, "running");
    run_clock(db, fd);
    ch_db_close(db);
    return 0;
}
