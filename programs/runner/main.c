/* SPDX-License-Identifier: Apache-2.0
 * The main program of the runner: the table of its jobs, and its threads, each of which has a connection of its own and does one
 * job at a time. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/harden.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "core/db/keys.h"
#include "keys_sql.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS 3 /* besides the one for housekeeping */
#define LONGEST_WAIT_MS ((int64_t)3600 * 1000)
#define MOST_ATTEMPTS 60
#define SIGN_EVERY_MS 5000
#define SWEEP_EVERY_MS ((int64_t)3600 * 1000)

static const struct {
    const char *kind;
    job *run;
} jobs[] = {
    {"message", job_message},
    {"partner_event", job_partner_event},
    {"parcel", job_parcel},
    {"parcel_cancel", job_parcel_cancel},
    {"track", job_track},
    {"invoice_wanted", job_invoice_wanted},
    {"invoice", job_invoice},
    {"invoice_query", job_invoice_query},
    {"expiry", job_expiry},
    {"paper_carry", job_paper_carry},
    {"payment_query", job_payment_query},
    {"payment_close", job_payment_close},
    {"refund", job_refund},
    {"refund_query", job_refund_query},
    {"bill", job_bill},
    {"licence", job_licence},
    {"paper_check", job_paper_check},
    {"card", job_card},
    {"carrier", job_carrier},
    {"liveness", job_liveness},
    {"entries", job_entries},
    {"rebinding", job_rebinding},
    {"appointment_end", job_appointment_end},
    {"pin", job_pin},
    {"issue", job_issue},
    {"request", job_request},
    {"cmp", job_cmp},
    {"cmp_revoke", job_cmp_revoke},
    {"key_file_end", job_key_file_end},
    {"rekey", job_rekey},
    {"pin_box", job_pin_box},
    {"reencrypt", job_reencrypt},
    {"seal", job_seal},
    {"evidence", job_evidence},
    {"lint", job_lint},
    {"renew", job_renew},
    {"crl", job_crl},
    {"ocsp", job_ocsp},
    {"ocsp_due", job_ocsp_due},
    {"payout", job_payout},
    {"payout_query", job_payout_query},
    {"payout_watch", job_payout_watch},
    {"unpaid_end", job_unpaid_end},
    {"account_reminder", job_account_reminder},
    {"code_end", job_code_end},
    {"signed_for", job_signed_for},
    {"serials", job_serials},
    {"retention", job_retention},
    {"file_gone", job_file_gone},
    {"store_sweep", job_store_sweep},
};

static struct ch_ring *ring;
static atomic_bool stopping;
static int wake = -1;

const struct ch_ring *runner_ring(void)
{
    return ring;
}

bool runner_refill(struct ch_db *db)
{
    return ch_db_keys_refill(ring, db, RUNNER_KEYS);
}

bool read_job(struct work *w, struct ch_call call, struct ch_rows *rows)
{
    return ch_db_one(w->db, w->a, &w->fault, call, rows) == CH_OK && rows->n == 1;
}

enum end finish_unread(struct work *w)
{
    return w->fault.code == CH_OK ? finish_job(w, NULL, 0) : AGAIN;
}

enum end finish_job(struct work *w, const struct ch_call *outcomes, size_t n)
{
    struct ch_call calls[6];
    struct ch_rows rows[6];

    if (n + 2 > CH_COUNT(calls))
        abort();
    calls[0] = CH_CALL(&runner_enter, ch_p_text(ch_printf(w->a, "runner.%s", w->kind)));
    if (n > 0)
        memcpy(calls + 1, outcomes, n * sizeof *outcomes);
    calls[n + 1] = CH_CALL(&runner_job_done, ch_p_text(w->job), ch_p_text(w->made));
    return ch_db_run(w->db, w->a, &w->fault, calls, n + 2, rows) == CH_OK ? DONE : AGAIN;
}

enum end retry_job(struct work *w, const char *why)
{
    w->why = why;
    return AGAIN;
}

enum end retry_job_in(struct work *w, const char *why, int64_t ms)
{
    w->wait_ms = ms;
    return retry_job(w, why);
}

enum end await_job(struct work *w, const char *why, int64_t ms)
{
    w->waits = true;
    return retry_job_in(w, why, ms);
}

struct ch_json *open_order_form(struct work *w, const char *order, struct ch_bytes encrypted)
{
    struct ch_bytes plain;
    struct ch_json *form = NULL;

    if (encrypted.p == NULL || !ch_decrypt(ring, w->a, "order.form", order, encrypted, &plain) ||
        ch_json_parse(w->a, plain, &form, NULL) != CH_JSON_OK)
        return NULL;
    return form;
}

int64_t back_off_ms(int attempts)
{
    int64_t ms = ch_conf_int(CONF_OUTBOX_UNIT);

    for (int i = 1; i < attempts && ms < LONGEST_WAIT_MS; i++)
        ms *= 2;
    return ms < LONGEST_WAIT_MS ? ms : LONGEST_WAIT_MS;
}

static void put_back(struct work *w)
{
    int64_t wait = w->wait_ms > 0 ? w->wait_ms : back_off_ms(w->attempts);
    const char *why = w->why != NULL ? w->why : w->fault.detail[0] != '\0' ? w->fault.detail : w->fault.sentence;

    ch_log(w->wait_ms > 0 ? CH_DEBUG : CH_WARN, w->job, "%s again in %lld ms: %s", w->kind, (long long)wait, why);
    if (ch_db_one(w->db, w->a, NULL,
                  CH_CALL(&runner_job_again, ch_p_text(w->job), ch_p_text(w->made), ch_p_int(w->a, wait),
                          ch_p_text(why), ch_p_bool(w->waits), ch_p_int(w->a, w->most > 0 ? w->most : MOST_ATTEMPTS)),
                  NULL) != CH_OK)
        ch_log(CH_ERROR, w->job, "the job could not be put back: it waits until its lease ends");
}

static void perform_job(struct work *w)
{
    for (size_t i = 0; i < CH_COUNT(jobs); i++) {
        if (strcmp(jobs[i].kind, w->kind) != 0)
            continue;
        if (jobs[i].run(w) == AGAIN)
            put_back(w);
        return;
    }
    w->most = 1;
    retry_job(w, "no such kind of job");
    put_back(w);
}

/* Takes and does one job that is due. False when there is none: *wait_ms tells how long to wait, which is until the next job is
 * due, but not longer than the setting says. A notification of the database ends the wait earlier. */
static bool take_job(struct ch_arena *a, struct ch_db *db, int *wait_ms)
{
    struct work w = {.a = a, .db = db};
    struct ch_rows rows;

    ch_db_keys_follow(ring, db, RUNNER_KEYS);
    if (ch_db_one(db, a, &w.fault, CH_CALL(&runner_job_take, ch_p_int(a, LEASE_SECONDS)), &rows) != CH_OK) {
        ch_log(CH_ERROR, NULL, "outbox: %s", w.fault.detail);
        sleep(1);
        *wait_ms = 0;
        return false;
    }
    if (ch_col(&rows, 0, "id") == NULL) {
        int64_t idle = ch_conf_int(CONF_OUTBOX_IDLE);
        int64_t ms = ch_col(&rows, 0, "wait_ms") != NULL ? ch_col_int(&rows, 0, "wait_ms") : idle;
        *wait_ms = (int)(ms < 0 ? 0 : ms < idle ? ms : idle);
        return false;
    }
    w.job = ch_col(&rows, 0, "id");
    w.made = ch_col(&rows, 0, "made");
    w.kind = ch_col(&rows, 0, "kind");
    w.key = ch_col(&rows, 0, "key");
    w.subject = ch_col(&rows, 0, "subject");
    w.attempts = (int)ch_col_int(&rows, 0, "attempts");
    perform_job(&w);
    return true;
}

static const struct ch_stmt *const *const lists[] = {runner_statements, keys_statements, NULL};

/* The work that is done by the clock and not as a job. */
static void housekeeping(struct ch_arena *a, struct ch_db *db)
{
    static int64_t swept_at; /* only one thread runs this function */
    int64_t now = ch_tick_ms();

    sign_log(a, db);
    warn_of_full_disks(a);
    if (swept_at == 0 || now - swept_at > SWEEP_EVERY_MS) {
        if (ch_db_one(db, a, NULL, CH_CALL0(&runner_months_make), NULL) != CH_OK)
            ch_log(CH_WARN, NULL, "the months ahead are made next time");
        if (ch_db_one(db, a, NULL, CH_CALL0(&runner_sweep), NULL) != CH_OK)
            ch_log(CH_ERROR, NULL, "sweeping failed");
        destroy_pins(a, db);
        enqueue_bills(a, db);
        enqueue_status(a, db);
        enqueue_lint(a, db);
        enqueue_retention(a, db);
        enqueue_store_sweep(a, db);
        enqueue_expiry(a, db);
        swept_at = now;
    }
}

/* The thread for housekeeping. There is only one of it, because the signed log must grow in one place. */
static void *keep_house(void *unused)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_db *db = ch_db_open(ch_conf(CONF_DB), "certhall_runner", lists);

    (void)unused;
    if (db == NULL)
        exit(1);
    while (!stopping) {
        housekeeping(a, db);
        ch_arena_reset(a);
        ch_db_wait(db, SIGN_EVERY_MS, wake);
    }
    ch_db_close(db);
    ch_arena_free(a);
    return NULL;
}

/* A thread that does jobs. */
static void *work_on(void *unused)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_db *db = ch_db_open(ch_conf(CONF_DB), "certhall_runner", lists);
    int wait_ms = 0;

    (void)unused;
    if (db == NULL || ch_db_listen(db, "outbox") != CH_OK)
        exit(1);
    while (!stopping) {
        if (!take_job(a, db, &wait_ms) && !stopping)
            ch_db_wait(db, wait_ms, wake);
        ch_arena_reset(a);
    }
    ch_db_close(db);
    ch_arena_free(a);
    return NULL;
}

static bool load_keys(void)
{
    struct ch_db *db = ch_db_await(ch_conf(CONF_DB), "certhall_runner", lists);

    if (db != NULL)
        ring = ch_db_keys_load(db, RUNNER_KEYS);
    ch_db_close(db);
    return ring != NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS + 1];
    sigset_t stop;
    int sig;

    if (ch_version_asked(argc, argv))
        return 0;
    if (argc > 1 && strcmp(argv[1], "--statements") == 0)
        return ch_db_print(lists);
    if (argc > 1 && strcmp(argv[1], "--groups") == 0) {
        ch_ring_print_groups(RUNNER_KEYS);
        puts("store\nvendors");
        return 0;
    }
    ch_log_program("runner");
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    if (!ch_config_load() || !ch_harden(CH_NEEDS_DAEMON | CH_NEEDS_NET | CH_NEEDS_EXEC) || !load_keys()) {
        ch_log(CH_ERROR, NULL, "no settings, rights that cannot be given up, no database or no keys");
        sleep(1);
        return 1;
    }
    wake = eventfd(0, EFD_CLOEXEC);
    for (int i = 0; i <= THREADS; i++)
        if (pthread_create(&threads[i], NULL, i < THREADS ? work_on : keep_house, NULL) != 0)
            return 1;
    sigwait(&stop, &sig);
    stopping = true;
    if (eventfd_write(wake, 1) != 0)
        return 1;
    for (int i = 0; i <= THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
