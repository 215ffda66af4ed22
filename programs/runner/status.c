/* SPDX-License-Identifier: Apache-2.0
 * Revocation lists and OCSP responses: the runner tells the signer when to make them. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/signer/ca.h"

#include <string.h>

const char *ca_of_job(const struct work *w)
{
    const char *from = strchr(w->key, '/');

    return from != NULL ? ch_strndup(w->a, from + 1, strcspn(from + 1, "/")) : "";
}

/* Several revocations may be in the same list. The signer then answers the later job that no list is due. */
enum end job_crl(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_CRL, ca_of_job(w)));
}

enum end job_ocsp(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_OCSP, w->subject));
}

/* Does one batch. If there are more, the next batch is a job of its own, so that other jobs get their turn. */
enum end job_ocsp_due(struct work *w)
{
    const char *ca = ca_of_job(w);
    const struct ch_call more = CH_CALL(&runner_status_more, ch_p_text(ca));
    enum ch_err e = ch_ca_call(w->a, &w->fault, CH_CA_OCSP_DUE, ca);

    return e == CH_OK ? finish_job(w, &more, 1) : finish_by_signer(w, e);
}

void enqueue_status(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL,
                  CH_CALL(&runner_status_due, ch_p_int(a, ch_conf_int(CONF_CRL_HOURS)),
                          ch_p_int(a, ch_conf_int(CONF_OCSP_KEEP))),
                  NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "lists and statuses that are due could not be asked for");
}
