/* SPDX-License-Identifier: Apache-2.0
 * The payout of 0.01 yuan, whose remark carries the PIN or a random code that has to be typed in. It is sent once under a
 * number of our own: in doubt the bank is queried first, and the payout is sent again only if the bank has never seen that
 * number. A payout that has succeeded may still be returned within days. One that finance has asked for is paid under its act. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/form/rule.h"
#include "core/gateway/cmb/cmb.h"
#include "core/order/payout.h"

#include <string.h>

#define AMOUNT_FEN 1
#define SURE_ATTEMPTS 10 /* about a quarter of an hour with the default back-off */
#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS (24 * HOUR_MS)
#define POLL_MOST_MS (6 * HOUR_MS)

/* The final state of a payout for a state at the bank; NULL while the payment is under way. */
static const char *final_state(enum ch_cmb_state s)
{
    switch (s) {
    case CH_CMB_DONE:
        return "succeeded";
    case CH_CMB_FAILED:
        return "failed";
    case CH_CMB_RETURNED:
        return "returned";
    case CH_CMB_WAITING:
    case CH_CMB_UNSEEN:
        break;
    }
    return NULL;
}

/* The statement that records a state. Its parameters must live as long as the call. */
static struct ch_call state_call(struct work *w, struct ch_param params[3], const char *state, const char *why)
{
    params[0] = ch_p_text(w->subject);
    params[1] = ch_p_text(state);
    params[2] = ch_p_text(why != NULL && *why != '\0' ? why : NULL);
    return ch_call_of(&runner_payout_state, params, 3);
}

/* Records that the bank has accepted the payout, and its final state if there already is one. */
static enum end record_sent(struct work *w, const struct ch_cmb_payment *p)
{
    struct ch_param first[3], second[3];
    const char *ended = final_state(p->state);
    struct ch_call calls[2] = {state_call(w, first, "sent", NULL)};

    if (ended == NULL)
        return finish_job(w, calls, 1);
    if (strcmp(ended, "failed") == 0) {
        calls[0] = state_call(w, first, ended, p->reason);
        return finish_job(w, calls, 1);
    }
    calls[1] = state_call(w, second, ended, p->reason);
    return finish_job(w, calls, 2);
}

/* A member of the encrypted bank account; NULL when it cannot be decrypted. */
static const char *account_member(struct work *w, const struct ch_rows *rows, const char *name)
{
    struct ch_bytes plain;
    struct ch_json *account;

    if (!ch_decrypt(runner_ring(), w->a, "bank_account.encrypted", ch_col(rows, 0, "order_id"),
                    ch_col_bytes(rows, w->a, 0, "account"), &plain) ||
        ch_json_parse(w->a, plain, &account, NULL) != CH_JSON_OK)
        return NULL;
    return ch_json_text(account, name);
}

/* The random code of this payout. It is made once, and stored before the bank gets it; NULL when the database failed. */
static const char *make_code(struct work *w, const char *order)
{
    const char *code = ch_payout_code_make(w->a);
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_bytes plain;
    struct ch_rows rows;

    ch_payout_code_hash(runner_ring(), w->a, order, code, hash);
    struct ch_bytes encrypted = ch_encrypt(runner_ring(), w->a, CH_PAYOUT_CODE, w->subject, CH_BYTES(code, strlen(code)));
    if (!read_job(w,
                  CH_CALL(&runner_payout_code_put, ch_p_text(w->subject), ch_p_bytes(encrypted),
                          ch_p_bytes(CH_BYTES(hash, sizeof hash))),
                  &rows) ||
        !ch_decrypt(runner_ring(), w->a, CH_PAYOUT_CODE, w->subject, ch_col_bytes(&rows, w->a, 0, "encrypted"), &plain))
        return NULL;
    return (const char *)plain.p;
}

/* The remark, which the receiver reads on the bank statement; NULL when PIN or code cannot be decrypted. */
static const char *make_remark(struct work *w, const struct ch_rows *rows)
{
    const char *order = ch_col(rows, 0, "order_id"), *generation = ch_col(rows, 0, "generation");

    if (generation == NULL) {
        const char *code = make_code(w, order);
        return code != NULL ? ch_payout_code_remark(w->a, code) : NULL;
    }
    const char *pin = decrypt_pin(w, order, generation, "remark", ch_col(rows, 0, "masked"));
    return pin != NULL ? ch_printf(w->a, "数字证书PIN码:%s", pin) : NULL;
}

/* Whether the payout may be made to that account. False when the job ends here, with *ended. */
static bool may_pay(struct work *w, const char *name, const char *account, enum end *ended)
{
    struct ch_rows rows;

    enum ch_err e = ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_payout_act, ch_p_text(w->subject)), &rows);
    if (e == CH_OK && rows.n > 0) {
        struct ch_act act = ch_act_paid_out_again(w->a, name, ch_rule_mask_account(w->a, account));
        act.facts = rows;
        e = check_act(w, &act);
    }
    if (e == CH_OK)
        return true;
    if (e == CH_E_INVALID) {
        const struct ch_call refused = CH_CALL(&runner_payout_refused, ch_p_text(w->subject),
                                               ch_p_text("重新打款的签署没有通过核验，没有打款，请重新申请打款"));
        *ended = finish_job(w, &refused, 1);
    } else {
        *ended = retry_job(w, ch_printf(w->a, "the act of the payout cannot be checked: %s", w->fault.detail));
    }
    return false;
}

static enum end pay_out(struct work *w, const struct ch_rows *rows)
{
    const char *account = account_member(w, rows, "number"), *name = account_member(w, rows, "name"), *remark = NULL;
    struct ch_answer answer;
    struct ch_cmb_payment said;
    enum end ended;

    if (account != NULL && name != NULL) {
        if (!may_pay(w, name, account, &ended))
            return ended;
        remark = make_remark(w, rows);
    }
    if (remark == NULL)
        return retry_job(w, "PIN, code or account does not open");
    const struct ch_cmb_payout payout = {
        .your_ref = ch_col(rows, 0, "yur_ref"),
        .account = account,
        .name = name,
        .cnaps = ch_col(rows, 0, "cnaps"),
        .bank = ch_col(rows, 0, "branch"),
        .amount_fen = AMOUNT_FEN,
        .purpose = remark,
    };
    if (ch_cmb_pay(w->a, &w->fault, &payout, &answer, &said) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "payout: no answer");
    /* An earlier message with this number may still be on its way to the bank. After SURE_ATTEMPTS attempts, each with a query
     * before it, that is no longer possible. */
    if (answer.outcome == CH_REFUSED && w->attempts > 1 && w->attempts < SURE_ATTEMPTS)
        return retry_job(w, "payout refused while in doubt");
    if (answer.outcome == CH_REFUSED)
        said = (struct ch_cmb_payment){.state = CH_CMB_FAILED, .reason = answer.message};
    return record_sent(w, &said);
}

enum end job_payout(struct work *w)
{
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    if (!read_job(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (strcmp(ch_col(&rows, 0, "state"), "queued") != 0)
        return finish_job(w, NULL, 0);
    if (w->attempts == 1)
        return pay_out(w, &rows);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job(w, "payout in doubt: no answer");
    return said.state == CH_CMB_UNSEEN ? pay_out(w, &rows) : record_sent(w, &said);
}

static int64_t poll_ms(const struct work *w)
{
    int64_t ms = ch_conf_int(CONF_CMB_POLL) * 1000;

    for (int i = 1; i < w->attempts && ms < POLL_MOST_MS; i++)
        ms *= 2;
    return ms < POLL_MOST_MS ? ms : POLL_MOST_MS;
}

enum end job_payout_query(struct work *w)
{
    struct ch_param params[3];
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    w->most = 100;        /* for a bank that does not answer; one that answers "under way" is queried for three days */
    if (w->attempts == 1) /* a bank does not want to be queried at once */
        return await_job(w, "first query", ch_conf_int(CONF_CMB_POLL) * 1000);
    if (!read_job(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (strcmp(ch_col(&rows, 0, "state"), "sent") != 0)
        return finish_job(w, NULL, 0);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) != CH_OK || answer.outcome != CH_ACCEPTED)
        return retry_job_in(w, "query: no answer", poll_ms(w));
    const char *ended = final_state(said.state);
    if (ended == NULL && !ch_col_bool(&rows, 0, "long"))
        return await_job(w, "under way at the bank", poll_ms(w));
    if (ended == NULL) { /* after some days the queries end, and finance is told to ask the bank */
        const struct ch_call suspended = CH_CALL(&runner_payout_suspended, ch_p_text(w->subject));
        return finish_job(w, &suspended, 1);
    }
    const struct ch_call outcome = state_call(w, params, ended, said.reason);
    return finish_job(w, &outcome, 1);
}

/* Queries the bank for some days after a success, because the payment may be returned. */
enum end job_payout_watch(struct work *w)
{
    struct ch_param params[3];
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    if (!read_job(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (strcmp(ch_col(&rows, 0, "state"), "succeeded") != 0 || ch_col_bool(&rows, 0, "old"))
        return finish_job(w, NULL, 0);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) == CH_OK &&
        answer.outcome == CH_ACCEPTED && said.state == CH_CMB_RETURNED) {
        const struct ch_call outcome = state_call(w, params, "returned", said.reason);
        return finish_job(w, &outcome, 1);
    }
    return await_job(w, "has not come back", DAY_MS);
}
