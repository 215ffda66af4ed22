/* SPDX-License-Identifier: Apache-2.0
 * Process sandbox-clock: everything that the vendors do by themselves, at a time of their own. WeChat Pay's notifications,
 * repeated until the merchant takes them, and the way of the bank's payments. Its clock runs sandbox_time_factor times
 * faster than the vendors'. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/gateway/wechatpay_sign.h"
#include "core/http/client.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechat_sign.h"
#include "sandbox_sql.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LONGEST_WAIT_MS 2000
#define SHORTEST_WAIT_MS 50
#define NOTIFY_TIMEOUT_MS 5000 /* WeChat waits five seconds for an answer */
#define BANK_STEP_SECONDS 60
#define BANK_RETURN_SECONDS 3600

/* After the first attempt, then each after the one before (pay.weixin.qq.com, "payment notification"). */
static const int retry_seconds[] = {15,   15,   30,    180,   600,   1200,  1800, 1800,
                                    1800, 3600, 10800, 10800, 10800, 21600, 21600};

static const char *scaled(struct ch_arena *a, int seconds)
{
    int64_t factor = ch_conf_int(CONF_SANDBOX_FACTOR);
    return ch_printf(a, "%lld ms", (long long)seconds * 1000 / (factor > 0 ? factor : 1));
}

/* The notification's body: the transaction, encrypted under the APIv3 key. */
static char *notice_body(struct ch_arena *a, const struct ch_rows *row)
{
    int64_t total = ch_col_int(row, 0, "total") + (ch_col_bool(row, 0, "wrong_amount") ? 1 : 0);
    const char *plain = sandbox_wechat_transaction(a, row, total);
    const char *nonce = ch_random_text(a, "0123456789abcdefghijklmnopqrstuvwxyz", 12);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "id", ch_col(row, 0, "id"));
    ch_jw_text(&w, "create_time", ch_rfc3339(a, ch_col_int(row, 0, "created")));
    ch_jw_text(&w, "resource_type", "encrypt-resource");
    ch_jw_text(&w, "event_type", "TRANSACTION.SUCCESS");
    ch_jw_text(&w, "summary", "支付成功");
    ch_jw_object(&w, "resource");
    ch_jw_text(&w, "original_type", "transaction");
    ch_jw_text(&w, "algorithm", "AEAD_AES_256_GCM");
    ch_jw_text(
        &w, "ciphertext",
        ch_wechat_seal(a, sandbox_register()->wechat_v3key, nonce, "transaction", CH_BYTES(plain, strlen(plain))));
    ch_jw_text(&w, "associated_data", "transaction");
    ch_jw_text(&w, "nonce", nonce);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* One attempt; true when the merchant took it. */
static bool notify(struct ch_arena *a, const struct ch_rows *row)
{
    const char *body = notice_body(a, row);
    struct sandbox_signed s = sandbox_wechat_signed(
        a, body, ch_col_bool(row, 0, "probe") ? SANDBOX_PEN_PROBE : SANDBOX_PEN_TRUE);
    struct ch_fault f = {0};
    struct ch_http_response res;
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_col(row, 0, "notify_url"),
        .headers = {"Content-Type: application/json", "Accept: application/json",
                    ch_printf(a, "Wechatpay-Timestamp: %s", s.timestamp), ch_printf(a, "Wechatpay-Nonce: %s", s.nonce),
                    ch_printf(a, "Wechatpay-Serial: %s", s.serial),
                    ch_printf(a, "Wechatpay-Signature: %s", s.signature),
                    "Wechatpay-Signature-Type: " CH_WECHAT_SCHEME},
        .body = CH_BYTES(body, strlen(body)),
        .timeout_ms = NOTIFY_TIMEOUT_MS,
    };
    enum ch_err e = ch_http(a, &f, &req, &res);
    bool taken = e == CH_OK && (res.status == 200 || res.status == 204);
    if (!taken)
        ch_log(CH_INFO, ch_col(row, 0, "id"), "notification not taken: %s",
               e == CH_OK ? ch_printf(a, "status %ld", res.status) : f.detail);
    return taken;
}

/* Does one notification that is due; false when there is none. */
static bool one_notice(struct ch_db *db, struct ch_arena *a)
{
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, CH_CALL0(&sandbox_notice_due), &row) != CH_OK || row.n == 0)
        return false;
    size_t tries = (size_t)ch_col_int(&row, 0, "tries");
    bool taken = notify(a, &row);
    const char *wait = tries < CH_COUNT(retry_seconds) ? scaled(a, retry_seconds[tries]) : NULL; /* NULL: given up */
    struct ch_call done = CH_CALL(&sandbox_notice_tried, ch_p_text(ch_col(&row, 0, "id")), ch_p_bool(taken),
                                  ch_p_text(wait));
    return ch_db_one(db, a, NULL, done, NULL) == CH_OK;
}

static int wait_ms(struct ch_db *db, struct ch_arena *a)
{
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, CH_CALL0(&sandbox_next_due), &row) != CH_OK || row.n != 1 || ch_col(&row, 0, "ms") == NULL)
        return LONGEST_WAIT_MS;
    int64_t ms = ch_col_int(&row, 0, "ms");
    if (ms < SHORTEST_WAIT_MS) /* due already, but for somebody else to take */
        return SHORTEST_WAIT_MS;
    return ms < LONGEST_WAIT_MS ? (int)ms : LONGEST_WAIT_MS;
}

static void run(struct ch_db *db, int stop_fd)
{
    struct ch_arena *a = ch_arena_new();
    struct signalfd_siginfo signal_read;

    while (read(stop_fd, &signal_read, sizeof signal_read) < 0) { /* it does not block */
        while (one_notice(db, a))
            ch_arena_reset(a);
        struct ch_call step = CH_CALL(&sandbox_cmb_step, ch_p_text(scaled(a, BANK_STEP_SECONDS)),
                                      ch_p_text(scaled(a, BANK_RETURN_SECONDS)));
        if (ch_db_one(db, a, NULL, step, NULL) != CH_OK)
            ch_log(CH_WARN, NULL, "the bank's clock stands still: no database");
        int ms = wait_ms(db, a);
        ch_arena_reset(a);
        ch_db_wait(db, ms, stop_fd);
    }
    ch_arena_free(a);
}

int main(void)
{
    static const struct ch_stmt *const *const lists[] = {sandbox_statements, NULL};
    sigset_t stop;

    ch_log_program("sandbox-clock");
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    int fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0 || !ch_config_load() || !ch_conf_bool(CONF_SANDBOX) || ch_conf_bool(CONF_PRODUCTION) ||
        !sandbox_register_load())
        return 1;
    struct ch_db *db = ch_db_open(ch_conf(CONF_SANDBOX_DB), "certhall_sandbox", lists);
    if (db == NULL || ch_db_listen(db, "sandbox") != CH_OK) {
        sleep(1); /* supervisor tries again: the database may still be starting */
        return 1;
    }
    ch_log(CH_INFO, NULL, "running");
    run(db, fd);
    ch_db_close(db);
    return 0;
}
