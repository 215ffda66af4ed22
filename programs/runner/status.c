/* SPDX-License-Identifier: Apache-2.0
 * Revocation lists and statuses: the signer makes them, the runner says when. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/signer/ca.h"

#include <string.h>

const char *ca_of(const struct work *w)
{
    const char *from = strchr(w->key, '/');

    return from != NULL ? ch_strndup(w->a, from + 1, strcspn(from + 1, "/")) : "";
}

/* Several revocations may share a list: a later one's job is told then that none is wanted. */
enum end job_crl(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_CRL, ca_of(w)));
}

enum end job_ocsp(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_OCSP, w->subject));
}

/* One batch; where there are more, the next one is a job of its own, so that others get their turn. */
enum end job_ocsp_due(struct work *w)
{
    const char *ca = ca_of(w);
    const struct ch_call more = CH_CALL(&runner_status_more, ch_p_text(ca));
    enum ch_err e = ch_ca_call(w->a, &w->fault, CH_CA_OCSP_DUE, ca);

    return e == CH_OK ? finish(w, &more, 1) : signer_asked(w, e);
}

void want_status(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL,
                  CH_CALL(&runner_status_due, ch_p_int(a, ch_conf_int(CONF_CRL_HOURS)),
                          ch_p_int(a, ch_conf_int(CONF_OCSP_KEEP))),
                  NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "lists and statuses that are due could not be asked for");
}
