/* SPDX-License-Identifier: Apache-2.0
 * External authorities: the signer's request is taken there and the certificate back (the signer checks it), and they
 * are told of revocations. */
#include "programs/runner/runner.h"

#include "core/gateway/cmp/cmp.h"


#define MOST_ATTEMPTS_REVOKE 200 /* with an hour between the later ones: a week */

static enum end not_yet(struct work *w, const struct ch_answer *answer)
{
    return again(w, ch_printf(w->a, "%s: %s", answer->code, answer->message));
}

enum end job_cmp(struct work *w)
{
    struct ch_answer answer = {CH_UNKNOWN, "", "", ""};
    struct ch_bytes cert;
    struct ch_rows rows;
    struct ch_cmp ca;

    if (!read_work(w, CH_CALL(&runner_cmp_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (ch_cmp_read(w->a, &w->fault, ch_col(&rows, 0, "ca"), &ca) != CH_OK ||
        ch_cmp_request(w->a, &w->fault, &ca, ch_col_bytes(&rows, w->a, 0, "request"), &cert, &answer) != CH_OK)
        return again(w, "settings of the external authority");
    if (answer.outcome == CH_UNKNOWN)
        return not_yet(w, &answer);
    const struct ch_param item = ch_p_int(w->a, ch_col_int(&rows, 0, "item"));
    const struct ch_call outcome =
        answer.outcome == CH_ACCEPTED
            ? CH_CALL(&runner_cmp_answered, ch_p_text(w->subject), item, ch_p_bytes(cert))
            : CH_CALL(&runner_csr_refused, ch_p_text(w->subject), item,
                      ch_p_text(ch_printf(w->a, "外部签发机构拒绝签发：%s", answer.message)));
    return finish(w, &outcome, 1);
}

/* What is refused stays in the operators' sight: the certificate is revoked here and in force there. */
enum end job_cmp_revoke(struct work *w)
{
    struct ch_answer answer = {CH_UNKNOWN, "", "", ""};
    struct ch_rows rows;
    struct ch_cmp ca;

    w->most = MOST_ATTEMPTS_REVOKE;
    if (!read_work(w, CH_CALL(&runner_cmp_revoke_work, ch_p_text(w->subject)), &rows))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    if (ch_cmp_read(w->a, &w->fault, ch_col(&rows, 0, "ca"), &ca) != CH_OK ||
        ch_cmp_revoke(w->a, &w->fault, &ca, ch_col_bytes(&rows, w->a, 0, "certificate"),
                      (int)ch_col_int(&rows, 0, "reason"), &answer) != CH_OK)
        return again(w, "settings of the external authority");
    if (answer.outcome == CH_REFUSED)
        w->most = 1;
    return answer.outcome == CH_ACCEPTED ? finish(w, NULL, 0) : not_yet(w, &answer);
}

/* A day after the applicant has taken the key file. */
enum end job_key_file_end(struct work *w)
{
    const struct ch_call outcome = CH_CALL(&runner_key_file_end, ch_p_text(w->subject));
    return finish(w, &outcome, 1);
}
