/* SPDX-License-Identifier: Apache-2.0
 * Checks the acts under which staff have had money paid, before it is paid. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"

#include <string.h>

enum ch_err check_act(struct work *w, const struct ch_act *act)
{
    const struct ch_webauthn_site site = ch_webauthn_site(w->a, ch_conf(CONF_DESK_ORIGIN));
    const char *text = ch_col(&act->facts, 0, "roster");
    struct ch_roster roster;

    if (text == NULL || ch_roster_read(w->a, &w->fault, CH_BYTES(text, strlen(text)), &roster) != CH_OK)
        return ch_fault(&w->fault, CH_E_INTERNAL, "there is no roster that can be read");
    enum ch_err e = ch_kept_check(w->a, &w->fault, &roster, &site, act);
    if (e == CH_E_INVALID)
        ch_log(CH_ERROR, w->job, "%s %s is not paid, as its act does not hold: %s", w->kind, w->subject, w->fault.detail);
    return e;
}
