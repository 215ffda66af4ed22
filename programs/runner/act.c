/* SPDX-License-Identifier: Apache-2.0
 * Checks the acts under which staff have had money paid, before it is paid. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/desk/anchor.h"
#include "runner_sql.h"

enum ch_err check_act(struct work *w, const struct ch_act *act)
{
    const struct ch_webauthn_site site = ch_webauthn_site(w->a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_roster roster;
    struct ch_rows rows;

    enum ch_err e = ch_anchor_read(w->a, &w->fault, &roster);
    if (e == CH_OK)
        e = ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_rosters, ch_p_int(w->a, roster.version)), &rows);
    if (e == CH_OK)
        e = ch_anchor_follow(w->a, &w->fault, &site, &rows, &roster);
    if (e != CH_OK)
        return ch_fault(&w->fault, CH_E_INTERNAL, "%s",
                        ch_strdup(w->a, w->fault.detail)); /* an operator looks, and it is tried again */
    e = ch_kept_check(w->a, &w->fault, &roster, &site, act);
    if (e == CH_E_INVALID)
        ch_log(CH_ERROR, w->job, "%s %s is not paid, as its act does not hold: %s", w->kind, w->subject, w->fault.detail);
    return e;
}
