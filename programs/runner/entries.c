/* SPDX-License-Identifier: Apache-2.0
 * What has come in on the authority's account, while somebody proves by a transfer who they are. The bank is asked page by page, each
 * in an attempt of its own. An entry is kept in a transaction with what it proves, and only after all of a page are kept the place is
 * noted at which the next page begins: a runner that dies in between reads the page again, and entries that are there already change
 * nothing (hall.entry_take). */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/form/person.h"
#include "core/form/rule.h"
#include "core/gateway/cmb/cmb.h"
#include "core/order/entry.h"
#include "core/order/proof_code.h"

#include <string.h>

#define PAGE_MS 10000 /* the bank wants some seconds between two queries of an account */
#define ASK_MOST_MS ((int64_t)5 * 60 * 1000)

/* Whether the payer is called like the person whom the code was made for. Not, when nobody was, or their data are erased. */
static bool is_payer(struct work *w, const struct ch_rows *person, const struct ch_cmb_entry *entry)
{
    struct ch_person p;

    return person->n == 1 && open_person(w, person, &p) && ch_person_same_name(w->a, p.name, entry->name);
}

static struct ch_bytes seal_payer(struct work *w, const char *id, const struct ch_cmb_entry *e)
{
    struct ch_jw j;

    ch_jw_init(&j, w->a);
    ch_jw_object(&j, NULL);
    ch_jw_text(&j, "name", e->name);
    ch_jw_text(&j, "account", e->account);
    ch_jw_text(&j, "bank", e->bank);
    ch_jw_text(&j, "remark", e->remark);
    ch_jw_end_object(&j);
    const char *text = ch_jw_done(&j);
    return ch_encrypt(runner_ring(), w->a, CH_ENTRY_PAYER, id, CH_BYTES(text, strlen(text)));
}

static bool keep_entry(struct work *w, const struct ch_cmb_entry *e)
{
    const char *id = ch_uuid7(w->a);
    struct ch_rows person, rows[2];

    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_entry_person, ch_p_text(ch_proof_codes_in(w->a, e->remark))),
                  &person) != CH_OK)
        return false;
    const char *code = person.n == 1 ? ch_strdup(w->a, ch_col(&person, 0, "code")) : NULL;
    const char *masked =
        ch_printf(w->a, "%s %s", ch_rule_mask_name(w->a, e->name), ch_rule_mask_account(w->a, e->account));
    const struct ch_call calls[] = {
        CH_CALL(&runner_enter, ch_p_text("runner.entries")),
        CH_CALL(&runner_entry_take, ch_p_text(id), ch_p_text(e->day), ch_p_text(e->number),
                ch_p_text(ch_rfc3339(w->a, e->at)), ch_p_int(w->a, e->amount_fen), ch_p_bytes(seal_payer(w, id, e)),
                ch_p_text(masked), ch_p_text(code), ch_p_bool(is_payer(w, &person, e))),
    };
    return ch_db_run(w->db, w->a, &w->fault, calls, CH_COUNT(calls), rows) == CH_OK;
}

/* Keeps the page, and then the place at which the next one begins. */
static bool keep_page(struct work *w, const char *first, const struct ch_cmb_entries *page)
{
    struct ch_rows rows[2];
    const struct ch_call calls[] = {
        CH_CALL(&runner_enter, ch_p_text("runner.entries")),
        CH_CALL(&runner_entries_read, ch_p_text(first), ch_p_text(page->cursor)),
    };

    for (size_t i = 0; i < page->n; i++)
        if (!keep_entry(w, &page->rows[i]))
            return false;
    return ch_db_run(w->db, w->a, &w->fault, calls, CH_COUNT(calls), rows) == CH_OK;
}

/* How long to wait before the bank is asked again: the longer nobody new has come, the longer. */
static int64_t pause_ms(int64_t waited_ms)
{
    int64_t ms = ch_conf_int(CONF_CMB_ENTRIES) * 1000;

    while (ms < waited_ms / 4 && ms < ASK_MOST_MS)
        ms *= 2;
    return ms < ASK_MOST_MS ? ms : ASK_MOST_MS;
}

enum end job_entries(struct work *w)
{
    struct ch_rows rows;
    struct ch_answer answer;
    struct ch_cmb_entries page;
    const struct ch_call rest = CH_CALL0(&runner_entries_rest);

    w->most = 10000; /* asks for as long as somebody waits */
    if (!read_job(w, CH_CALL0(&runner_entries_work), &rows))
        return w->fault.code == CH_OK ? finish_job(w, &rest, 1) : AGAIN;
    const char *first = ch_strdup(w->a, ch_col(&rows, 0, "first"));
    int64_t pause = pause_ms(ch_col_int(&rows, 0, "waited") * 1000);
    if (ch_cmb_entries(w->a, &w->fault, first, ch_col(&rows, 0, "last"), ch_col(&rows, 0, "cursor"), &answer, &page) != CH_OK)
        return retry_job_in(w, "entries: not set up", pause);
    if (answer.outcome != CH_ACCEPTED)
        return retry_job_in(w, ch_printf(w->a, "entries: %s", answer.code), pause);
    if (!keep_page(w, first, &page))
        return AGAIN;
    return await_job(w, page.more ? "another page" : "transfers are awaited",
                     page.more && pause > PAGE_MS ? PAGE_MS : pause);
}
