/* SPDX-License-Identifier: Apache-2.0
 * Words the acts that several programs write, and checks those that the database keeps. */
#include "core/desk/kept.h"

#include "core/base/clock.h"

#include <string.h>

const char *const ch_act_reviewers[] = {"reviewer", NULL}, *const ch_act_finance[] = {"finance", NULL};

struct ch_act ch_act_new(struct ch_arena *a, const char *title, const char *const *roles,
                         const struct ch_act_fact *typed, size_t n)
{
    struct ch_act_fact *copy = ch_alloc_array(a, n, sizeof *copy);

    for (size_t i = 0; i < n; i++)
        copy[i] = typed[i];
    return (struct ch_act){.title = title, .roles = roles, .typed = copy, .n = n};
}

struct ch_act_statement ch_act_statement_of(struct ch_arena *a, const struct ch_act *act)
{
    size_t n = (size_t)act->facts.n;
    struct ch_act_fact *facts = ch_alloc_array(a, n + act->n, sizeof *facts);

    for (size_t i = 0; i < n; i++)
        facts[i] = (struct ch_act_fact){ch_col_text(&act->facts, (int)i, "label"), ch_col(&act->facts, (int)i, "value")};
    for (size_t i = 0; i < act->n; i++)
        facts[n + i] = act->typed[i];
    return (struct ch_act_statement){.title = act->title, .facts = facts, .n = n + act->n};
}

struct ch_act ch_act_revocation_asked(struct ch_arena *a, const char *note)
{
    return ch_act_new(a, "申请吊销证书", ch_act_reviewers, &(struct ch_act_fact){"依据与情况说明", note}, 1);
}

struct ch_act ch_act_revocation_confirmed(struct ch_arena *a, const char *note)
{
    return ch_act_new(a, "同意吊销或解除冻结", ch_act_reviewers, &(struct ch_act_fact){"申请人的说明", note}, 1);
}

struct ch_act ch_act_refund_asked(struct ch_arena *a, const char *reason)
{
    return ch_act_new(a, "提请退费", ch_act_finance, &(struct ch_act_fact){"提请原因", reason}, 1);
}

struct ch_act ch_act_refund_approved(struct ch_arena *a, const char *reason, const char *note)
{
    const struct ch_act_fact typed[] = {{"退费原因", reason}, {"审批意见", note}};

    return ch_act_new(a, "批准退费", ch_act_finance, typed, CH_COUNT(typed));
}

struct ch_act ch_act_paid_out_again(struct ch_arena *a, const char *name, const char *masked)
{
    const struct ch_act_fact typed[] = {{"收款户名", name}, {"收款账号", masked}};

    return ch_act_new(a, "按原账户重新打款", ch_act_finance, typed, CH_COUNT(typed));
}

struct ch_signed ch_kept_signed(const struct ch_rows *rows, struct ch_arena *a, int row)
{
    return (struct ch_signed){
        .assertion = {.credential = ch_col_bytes(rows, a, row, "credential"),
                      .client_data = ch_col_bytes(rows, a, row, "client_data"),
                      .authenticator_data = ch_col_bytes(rows, a, row, "authenticator_data"),
                      .signature = ch_col_bytes(rows, a, row, "signature")},
        .leaves = (size_t)ch_col_int(rows, row, "leaves"),
        .at = (size_t)ch_col_int(rows, row, "place"),
        .path = ch_col_bytes(rows, a, row, "path"),
    };
}

enum ch_err ch_kept_check(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *roster,
                          const struct ch_webauthn_site *site, const struct ch_act *act)
{
    const struct ch_rows *kept = &act->facts;

    if (kept->n == 0 || ch_col(kept, 0, "credential") == NULL)
        return ch_fault(f, CH_E_INVALID, "there is no act");
    struct ch_signed given = ch_kept_signed(kept, a, 0);
    const struct ch_roster_key *key = ch_roster_find(roster, given.assertion.credential);
    if (key == NULL || strcmp(key->person, ch_col_text(kept, 0, "staff")) != 0)
        return ch_fault(f, CH_E_INVALID, "the key is not in the roster for this person");
    struct ch_act_statement s = ch_act_statement_of(a, act);
    s.person = key->person;
    s.name = key->name;
    s.time = ch_rfc3339(a, ch_col_int(kept, 0, "decided_at"));
    return ch_roster_signer(a, f, roster, site, act->roles, ch_act_text(a, &s), &given) != NULL ? CH_OK : CH_E_INVALID;
}
