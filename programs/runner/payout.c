/* SPDX-License-Identifier: Apache-2.0
 * The 0.01 yuan whose remark carries the PIN. Sent once under our own number: after any doubt the bank is asked first, and
 * paid again only when it has never seen that number. A payment that came through may still come back within days. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/gateway/cmb.h"

#include <string.h>

#define AMOUNT_FEN 1
#define SURE_ATTEMPTS 10 /* a quarter of an hour, by the default back-off */
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* The bank's states as the payout's; NULL while it is under way. */
static const char *ended_as(enum ch_cmb_state s)
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

static struct ch_call state_call(struct work *w, struct ch_param params[3], const char *state, const char *why)
{
    params[0] = ch_p_text(w->subject);
    params[1] = ch_p_text(state);
    params[2] = ch_p_text(why != NULL && *why != '\0' ? why : NULL);
    return (struct ch_call){&runner_payout_state, params, 3};
}

/* Records that the bank has it, and the end when there already is one. */
static enum end sent(struct work *w, const struct ch_cmb_payment *p)
{
    struct ch_param first[3], second[3];
    const char *ended = ended_as(p->state);
    struct ch_call calls[2] = {state_call(w, first, "sent", NULL)};

    if (ended == NULL)
        return finish(w, calls, 1);
    if (strcmp(ended, "failed") == 0) {
        calls[0] = state_call(w, first, ended, p->reason);
        return finish(w, calls, 1);
    }
    calls[1] = state_call(w, second, ended, p->reason);
    return finish(w, calls, 2);
}

static const char *member(struct work *w, const struct ch_rows *rows, const char *name)
{
    struct ch_bytes plain;
    struct ch_json *account;

    if (!ch_unseal(runner_ring(), w->a, "bank_account.sealed", ch_col(rows, 0, "order_id"),
                   ch_col_bytes(rows, w->a, 0, "account"), &plain) ||
        ch_json_parse(w->a, plain, &account, NULL) != CH_JSON_OK)
        return NULL;
    return ch_json_text(account, name);
}

static enum end pay(struct work *w, const struct ch_rows *rows)
{
    const char *pin = open_pin_for(w, ch_col(rows, 0, "order_id"), ch_col(rows, 0, "generation"), "remark",
                                   ch_col(rows, 0, "masked"));
    const char *account = member(w, rows, "number"), *name = member(w, rows, "name");
    struct ch_answer answer;
    struct ch_cmb_payment said;

    if (pin == NULL || account == NULL || name == NULL)
        return again(w, "PIN or account does not open");
    const struct ch_cmb_payout payout = {
        .your_ref = ch_col(rows, 0, "yur_ref"),
        .account = account,
        .name = name,
        .cnaps = ch_col(rows, 0, "cnaps"),
        .bank = ch_col(rows, 0, "branch"),
        .amount_fen = AMOUNT_FEN,
        .purpose = ch_printf(w->a, "数字证书PIN码:%s", pin),
    };
    if (ch_cmb_pay(w->a, &w->fault, &payout, &answer, &said) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "payout: no answer");
    /* An earlier message may still be on its way under this number; after so many tries, the bank asked before each of
     * them, it is not. */
    if (answer.outcome == CH_REFUSED && w->attempts > 1 && w->attempts < SURE_ATTEMPTS)
        return again(w, "payout refused while in doubt");
    if (answer.outcome == CH_REFUSED)
        said = (struct ch_cmb_payment){.state = CH_CMB_FAILED, .reason = answer.message};
    return sent(w, &said);
}

enum end job_payout(struct work *w)
{
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    if (!read_work(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (strcmp(ch_col(&rows, 0, "state"), "queued") != 0)
        return finish(w, NULL, 0);
    if (w->attempts == 1)
        return pay(w, &rows);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again(w, "payout in doubt: no answer");
    return said.state == CH_CMB_UNSEEN ? pay(w, &rows) : sent(w, &said);
}

static int64_t poll_ms(const struct work *w)
{
    int64_t ms = ch_conf_int(CONF_CMB_POLL) * 1000;

    for (int i = 1; i < w->attempts && ms < 3600 * 1000; i++)
        ms *= 2;
    return ms < 3600 * 1000 ? ms : 3600 * 1000;
}

enum end job_payout_query(struct work *w)
{
    struct ch_param params[3];
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    w->most = 500;
    if (w->attempts == 1) /* banks do not like to be asked at once */
        return again_in(w, "first query", ch_conf_int(CONF_CMB_POLL) * 1000);
    if (!read_work(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (strcmp(ch_col(&rows, 0, "state"), "sent") != 0)
        return finish(w, NULL, 0);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) != CH_OK || answer.outcome != CH_ACCEPTED)
        return again_in(w, "query: no answer", poll_ms(w));
    const char *ended = ended_as(said.state);
    if (ended == NULL)
        return again_in(w, "under way at the bank", poll_ms(w));
    const struct ch_call outcome = state_call(w, params, ended, said.reason);
    return finish(w, &outcome, 1);
}

/* After success the bank is asked on three more days: a payment may come back. */
enum end job_payout_watch(struct work *w)
{
    struct ch_param params[3];
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_payment said;

    if (!read_work(w, CH_CALL(&runner_payout_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (strcmp(ch_col(&rows, 0, "state"), "succeeded") != 0 || ch_col_bool(&rows, 0, "old"))
        return finish(w, NULL, 0);
    if (ch_cmb_query(w->a, &w->fault, ch_col(&rows, 0, "yur_ref"), &answer, &said) == CH_OK && answer.outcome == CH_ACCEPTED &&
        said.state == CH_CMB_RETURNED) {
        const struct ch_call outcome = state_call(w, params, "returned", said.reason);
        return finish(w, &outcome, 1);
    }
    return again_in(w, "has not come back", DAY_MS);
}
