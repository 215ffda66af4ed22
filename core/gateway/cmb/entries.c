/* SPDX-License-Identifier: Apache-2.0
 * Reads what CMB CloudDC answers to trsQryByBreakPoint: a page of at most 200 entries (Z2), whether there are more (Z1), and the points
 * at which the next query continues (Y1). */
#include "core/gateway/cmb/cmb.h"

#include "core/base/clock.h"
#include "core/gateway/amount.h"
#include "core/gateway/cmb/message.h"

#include <string.h>

#define PREFIX "TRANSQUERYBYBREAKPOINT_"
#define RENMINBI "10"

static const char *trimmed(struct ch_arena *a, const char *s)
{
    s += strspn(s, " ");
    size_t n = strlen(s);
    while (n > 0 && s[n - 1] == ' ')
        n--;
    return ch_strndup(a, s, n);
}

/* The member without the blanks that the bank may add; "" when there is none. */
static const char *member(struct ch_arena *a, const struct ch_json *row, const char *name)
{
    return trimmed(a, ch_or_empty(ch_json_text(row, name)));
}

static bool digits(const char *s, size_t n)
{
    return strlen(s) == n && strspn(s, "0123456789") == n;
}

/* Whether an entry is money that somebody else has sent us. */
static bool comes_in(struct ch_arena *a, const struct ch_json *row)
{
    const char *corrected = member(a, row, "reversalFlag");

    return strcmp(member(a, row, "loanCode"), "C") == 0 && strcmp(member(a, row, "currencyNbr"), RENMINBI) == 0 &&
           *member(a, row, "yurRef") == '\0' && strcmp(corrected, "*") != 0 && strcmp(corrected, "X") != 0;
}

/* False for an entry that cannot be told from others, or of which day or amount cannot be read. */
static bool read_entry(struct ch_arena *a, const struct ch_json *row, struct ch_cmb_entry *e)
{
    const char *day = member(a, row, "transDate"), *time = member(a, row, "transTime");

    *e = (struct ch_cmb_entry){
        .number = member(a, row, "transSequenceIdn"),
        .amount_fen = ch_amount_read(member(a, row, "transAmount")),
        .name = member(a, row, "ctpAcctName"),
        .account = member(a, row, "ctpAcctNbr"),
        .bank = member(a, row, "ctpBankName"),
        .remark = trimmed(a, ch_printf(a, "%s %s %s", member(a, row, "remarkTextClt"), member(a, row, "businessText"),
                                       member(a, row, "extendedRemark"))),
    };
    if (!digits(time, 6))
        time = "235959"; /* an entry without a time is not older than its day */
    if (!digits(day, 8) || *e->number == '\0' || strlen(e->number) > 64 || e->amount_fen < 1)
        return false;
    e->day = ch_printf(a, "%.4s-%.2s-%.2s", day, day + 4, day + 6);
    e->at = ch_parse_rfc3339(ch_printf(a, "%sT%.2s:%.2s:%.2s+08:00", e->day, time, time + 2, time + 4));
    return e->at >= 0;
}

static const struct ch_json *list_of(const struct ch_json *body, const char *name)
{
    const struct ch_json *list = ch_json_get(body, name);
    return list != NULL && list->kind == CH_JSON_ARRAY ? list : NULL;
}

/* What the next query continues with: the bank's own members, in its own words. */
static const char *cursor_of(struct ch_arena *a, const struct ch_json *points, const char *account)
{
    struct ch_jw w;

    if (points == NULL || points->count == 0)
        return NULL;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "queryAcctNbr", account);
    ch_jw_raw(&w, PREFIX "Y1", ch_cmb_canonical(a, points));
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

const char *ch_cmb_read_entries(struct ch_arena *a, const struct ch_json *body, struct ch_cmb_entries *out)
{
    const struct ch_json *sums = list_of(body, PREFIX "Z1"), *list = list_of(body, PREFIX "Z2");

    *out = (struct ch_cmb_entries){0};
    if (sums == NULL || sums->count != 1)
        return "no " PREFIX "Z1 in the answer";
    const char *account = member(a, sums->first, "queryAcctNbr");
    out->more = strcmp(member(a, sums->first, "ctnFlag"), "Y") == 0;
    out->cursor = cursor_of(a, list_of(body, PREFIX "Y1"), out->more ? account : "");
    if (out->more && (*account == '\0' || out->cursor == NULL))
        return "there is more, but not where";
    if (list == NULL) /* nothing has come in */
        return out->more ? "no " PREFIX "Z2 in the answer" : NULL;
    out->rows = ch_alloc_array(a, list->count + 1, sizeof *out->rows);
    for (const struct ch_json *row = list->first; row != NULL; row = row->next)
        if (comes_in(a, row) && !read_entry(a, row, &out->rows[out->n++]))
            return "an entry without number, day or amount";
    return NULL;
}
