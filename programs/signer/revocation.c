/* SPDX-License-Identifier: Apache-2.0
 * Checks the acts of revocations. */
#include "programs/signer/revocation.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/desk/kept.h"
#include "programs/signer/decision.h"

static enum ch_err check_act(struct signer *s, struct ch_arena *a, const char *id, bool confirmation,
                             const struct ch_roster *roster, const struct ch_webauthn_site *site, struct ch_fault *f)
{
    struct ch_bytes note;
    struct ch_rows rows;

    enum ch_err e = ch_db_one(
        s->db, a, f,
        CH_CALL(&signer_revocation_act, ch_p_text(id), ch_p_text(confirmation ? "confirm_revocation" : "revoke")), &rows);
    if (e == CH_OK &&
        (rows.n == 0 || !ch_decrypt(s->ring, a, "revocation.note", id, ch_col_bytes(&rows, a, 0, "note"), &note)))
        e = ch_fault(f, CH_E_INVALID, "what was written about the revocation does not open");
    if (e != CH_OK)
        return e;
    const char *words = (const char *)note.p;
    struct ch_act act = confirmation ? ch_act_revocation_confirmed(a, words) : ch_act_revocation_asked(a, words);
    act.facts = rows;
    return ch_kept_check(a, f, roster, site, &act);
}

/* Checks one revocation, and records what has come of it. */
static enum ch_err check_one(struct signer *s, struct ch_arena *a, const char *id, const struct ch_roster *roster,
                             const struct ch_webauthn_site *site, struct ch_fault *f)
{
    const char *why = NULL;

    enum ch_err e = check_act(s, a, id, false, roster, site, f);
    if (e == CH_OK)
        e = check_act(s, a, id, true, roster, site, f);
    if (e == CH_E_INVALID) {
        ch_log(CH_ERROR, id, "the revocation is given out as a hold, as its acts do not hold: %s", f->detail);
        why = "吊销的签署没有通过核验，签发系统只按冻结发布。";
        e = CH_OK;
    }
    return e == CH_OK ? ch_db_one(s->db, a, f, CH_CALL(&signer_revocation_checked, ch_p_text(id), ch_p_text(why)), NULL)
                      : e;
}

void revocations_check(struct signer *s, struct ch_arena *a)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_roster roster;
    struct ch_fault f = {0};
    struct ch_rows rows;

    enum ch_err e = ch_db_one(s->db, a, &f, CH_CALL0(&signer_revocations), &rows);
    if (e == CH_OK && rows.n == 0)
        return;
    if (e == CH_OK)
        e = decision_roster(s, a, &site, &roster, &f);
    for (int i = 0; e == CH_OK && i < rows.n; i++)
        e = check_one(s, a, ch_col_text(&rows, i, "id"), &roster, &site, &f);
    if (e != CH_OK)
        ch_log(CH_ERROR, NULL, "revocations are published unchecked: %s", f.detail[0] != '\0' ? f.detail : f.sentence);
}
