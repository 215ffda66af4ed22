/* SPDX-License-Identifier: Apache-2.0
 * Jobs with external CAs over CMP: a request that the signer has made is sent there, and the certificate is recorded for the
 * signer, which checks it; and revocations are reported there. */
#include "programs/runner/runner.h"

#include "core/gateway/cmp/cmp.h"

#define MOST_ATTEMPTS_REVOKE 200 /* about a week, since an hour passes between the later attempts */

static enum end retry_answered(struct work *w, const struct ch_answer *answer)
{
    return retry_job(w, ch_printf(w->a, "%s: %s", answer->code, answer->message));
}

enum end job_cmp(struct work *w)
{
    struct ch_answer answer = {CH_UNKNOWN, "", "", ""};
    struct ch_bytes cert;
    struct ch_rows rows;
    struct ch_cmp ca;

    if (!read_job(w, CH_CALL(&runner_cmp_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    const struct ch_cmp_after after = {ch_col_int(&rows, 0, "until"), ch_col_bytes(&rows, w->a, 0, "old")};
    if (ch_cmp_read(w->a, &w->fault, ch_col(&rows, 0, "ca"), &ca) != CH_OK ||
        ch_cmp_request(w->a, &w->fault, &ca, ch_col_bytes(&rows, w->a, 0, "request"), after.end > 0 ? &after : NULL,
                       &cert, &answer) != CH_OK)
        return retry_job(w, "settings of the external authority");
    if (answer.outcome == CH_UNKNOWN)
        return retry_answered(w, &answer);
    const struct ch_param item = ch_p_int(w->a, ch_col_int(&rows, 0, "item"));
    const struct ch_call outcome = answer.outcome == CH_ACCEPTED
                                       ? CH_CALL(&runner_cmp_answered, ch_p_text(w->subject), item, ch_p_bytes(cert))
                                       : CH_CALL(&runner_csr_refused, ch_p_text(w->subject), item,
                                                 ch_p_text(ch_printf(w->a, "外部签发机构拒绝签发：%s", answer.message)));
    return finish_job(w, &outcome, 1);
}

/* A refusal is left to an operator at once, because the certificate is revoked here but still in force there. */
enum end job_cmp_revoke(struct work *w)
{
    struct ch_answer answer = {CH_UNKNOWN, "", "", ""};
    struct ch_rows rows;
    struct ch_cmp ca;

    w->most = MOST_ATTEMPTS_REVOKE;
    if (!read_job(w, CH_CALL(&runner_cmp_revoke_work, ch_p_text(w->subject)), &rows))
        return finish_unread(w);
    if (ch_cmp_read(w->a, &w->fault, ch_col(&rows, 0, "ca"), &ca) != CH_OK ||
        ch_cmp_revoke(w->a, &w->fault, &ca, ch_col_bytes(&rows, w->a, 0, "certificate"),
                      (int)ch_col_int(&rows, 0, "reason"), &answer) != CH_OK)
        return retry_job(w, "settings of the external authority");
    if (answer.outcome == CH_REFUSED)
        w->most = 1;
    return answer.outcome == CH_ACCEPTED ? finish_job(w, NULL, 0) : retry_answered(w, &answer);
}

/* Deletes the key file, a day after the applicant has downloaded it. */
enum end job_key_file_end(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_key_file_end, ch_p_text(w->subject));
    return finish_job(w, &outcome, 1);
}
