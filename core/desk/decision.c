/* SPDX-License-Identifier: Apache-2.0
 * Offers a statement, or those of a tray, to be signed, and takes the signed decisions. */
#include "core/desk/decision.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/desk/signing.h"
#include "core/form/form.h"
#include "core/form/item.h"
#include "core/order/order.h"
#include "core/web/input.h"
#include "decision_sql.h"

#include <string.h>

/* Everything about the decision but its time. */
struct facts {
    struct ch_signing signing;
    struct ch_statement statement;
};

static void read_item(struct ch_arena *a, const struct ch_decision_of *d, const struct ch_rows *rows, int row,
                      const struct ch_json *form, struct ch_statement_item *out)
{
    int number = (int)ch_col_int(rows, row, "item");
    const struct ch_json *part = ch_item_part(form, number);

    *out = (struct ch_statement_item){
        .number = number,
        .profile = ch_col_text(rows, row, "profile"),
        .pair = ch_col_bool(rows, row, "pair"),
        .unit_name = ch_json_text(form, "unit_name"),
        .unit_code = ch_json_text(form, "unit_code"),
        .seal_name = ch_col(rows, row, "seal_name"),
        .holder_name = ch_json_text(part, "holder_name"),
        .years = (int)ch_col_int(rows, row, "years"),
        .until = ch_col(rows, row, "until") != NULL ? ch_rfc3339(a, ch_col_int(rows, row, "until")) : NULL,
        .medium = ch_col_text(rows, row, "medium"),
        .token = ch_col_bool(rows, row, "token"),
    };
    if (d->what == CH_DECISION_PRODUCE)
        out->request = d->request != NULL && d->item == number ? d->request : ch_col(rows, row, "request");
}

/* Reads the statement about an order, whose items are the rows from `first` to `end`. */
static enum ch_err read_statement(struct ch_req *r, const struct ch_decision_of *d, const struct ch_roster_key *mine,
                                  const struct ch_rows *rows, int first, int end, struct ch_statement *out)
{
    struct ch_statement_item *items = ch_alloc_array(r->a, (size_t)(end - first), sizeof *items);
    const char *ca = ch_col(rows, first, "ca");
    struct ch_json *form;

    enum ch_err e = ch_order_form(r, d->order, ch_col_bytes(rows, r->a, first, "form"), &form);
    if (e != CH_OK)
        return e;
    for (int i = first; i < end; i++)
        read_item(r->a, d, rows, i, form, &items[i - first]);
    *out = (struct ch_statement){
        .decision = d->what,
        .order = d->order,
        .number = ch_col_text(rows, first, "number"),
        .person = mine->person,
        .name = mine->name,
        .ca = ca != NULL ? ca : ch_conf(CONF_CA_ALGORITHM),
        .form = ch_form_digest(r->a, d->order, form),
        .papers = ch_col_text(rows, first, "papers"),
        .items = items,
        .n = (size_t)(end - first),
    };
    return CH_OK;
}

static enum ch_err read_facts(struct ch_req *r, const struct ch_decision_of *d, struct facts *out)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&decision_facts, ch_p_text(d->order), ch_p_int(r->a, d->version)), &rows);

    *out = (struct facts){0};
    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单，或它现在不能办理。");
    e = ch_signing_open(r, &rows, &out->signing);
    return e == CH_OK ? read_statement(r, d, out->signing.mine, &rows, 0, rows.n, &out->statement) : e;
}

enum ch_err ch_decision_offer(struct ch_req *r, const struct ch_decision_of *d)
{
    struct facts f;

    enum ch_err e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = ch_signing_time(r, &f.signing);
    return ch_signing_offer(r, &f.signing, f.statement.time, ch_statement_text(r->a, &f.statement));
}

/* The call that keeps a signed decision. */
static struct ch_call keep_call(struct ch_arena *a, const struct ch_statement *s, const char *text,
                                const struct ch_signature *given)
{
    struct ch_param *p = ch_alloc_array(a, 4, sizeof *p);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_signing_write(&w, a, given);
    ch_jw_end_object(&w);
    p[0] = ch_p_text(s->order);
    p[1] = ch_p_text(ch_decision_word(s->decision));
    p[2] = ch_p_text(text);
    p[3] = ch_p_text(ch_jw_done(&w));
    return ch_call_of(&decision_keep, p, 4);
}

enum ch_err ch_decision_take(struct ch_req *r, const struct ch_decision_of *d, const struct ch_json *decision,
                             struct ch_call *keep)
{
    struct ch_signature given;
    struct facts f;

    enum ch_err e = ch_signing_read(r, decision, &given);
    if (e == CH_OK)
        e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = given.time;
    const char *text = ch_statement_text(r->a, &f.statement);
    e = ch_signing_check(r, &f.signing, ch_decision_roles(d->what), text, &given);
    if (e == CH_OK)
        *keep = keep_call(r->a, &f.statement, text, &given);
    return e;
}

/* ---- the tray ---- */

static const struct ch_field body_fields[] = {CH_IN_OBJECT(struct ch_decision_in, decision, CH_REQUIRED)};
const struct ch_input ch_decision_body = CH_INPUT(struct ch_decision_in, body_fields);

/* A decision on the tray. */
struct laid {
    const char *order, *number, *note;
    int64_t version, at;
    bool same; /* the statement is what it was when the decision was laid down; otherwise there is none */
    struct ch_statement statement;
};

struct tray {
    struct ch_signing signing;
    struct laid *laid;
    size_t n;
    /* Of those that are the same, when they are signed at one time: */
    const char *texts[CH_TRAY_MAX];
    ch_tray_hash leaves[CH_TRAY_MAX];
    size_t n_leaves;
};

/* The text and the leaf of a statement that is signed at that time. */
static const char *text_at(struct ch_arena *a, struct ch_statement *s, const char *time, ch_tray_hash leaf)
{
    s->time = time;
    const char *text = ch_statement_text(a, s);
    ch_tray_leaf(CH_BYTES(text, strlen(text)), leaf);
    return text;
}

enum ch_err ch_decision_put(struct ch_req *r, const struct ch_decision_of *d, const char *note)
{
    ch_tray_hash leaf;
    struct facts f;

    enum ch_err e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    (void)text_at(r->a, &f.statement, ch_signing_time(r, &f.signing), leaf);
    return ch_run(r,
                  CH_CALL(&decision_tray_put, ch_p_text(ch_decision_word(d->what)), ch_p_text(d->order),
                          ch_p_int(r->a, d->version), ch_p_text(note), ch_p_text(f.statement.time),
                          ch_p_bytes(CH_BYTES(leaf, sizeof leaf))),
                  NULL);
}

/* Reads a decision whose rows begin at *row, and sets *row behind them. */
static enum ch_err read_laid(struct ch_req *r, enum ch_decision what, const struct ch_roster_key *mine,
                             const struct ch_rows *rows, int *row, struct laid *out)
{
    const int first = *row;
    ch_tray_hash leaf;

    *out = (struct laid){
        .order = ch_col_text(rows, first, "order_id"),
        .number = ch_col_text(rows, first, "number"),
        .note = ch_col(rows, first, "note"),
        .version = ch_col_int(rows, first, "version"),
        .at = ch_col_int(rows, first, "at"),
    };
    while (*row < rows->n && strcmp(ch_col_text(rows, *row, "order_id"), out->order) == 0)
        ++*row;
    if (ch_col(rows, first, "item") == NULL)
        return CH_OK;
    const struct ch_decision_of d = {.what = what, .order = out->order};
    enum ch_err e = read_statement(r, &d, mine, rows, first, *row, &out->statement);
    if (e != CH_OK)
        return e;
    (void)text_at(r->a, &out->statement, ch_rfc3339(r->a, out->at), leaf);
    out->same = ch_same(ch_col_bytes(rows, r->a, first, "leaf"), CH_BYTES(leaf, sizeof leaf));
    return CH_OK;
}

static enum ch_err read_tray(struct ch_req *r, enum ch_decision what, struct tray *out)
{
    const struct ch_param kind = ch_p_text(ch_decision_word(what));
    const struct ch_call calls[] = {CH_CALL(&decision_tray_signer, kind), CH_CALL(&decision_tray_facts, kind)};
    struct ch_rows rows[CH_COUNT(calls)];

    *out = (struct tray){0};
    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e == CH_OK)
        e = ch_need_row(r, &rows[0]);
    if (e == CH_OK)
        e = ch_signing_open(r, &rows[0], &out->signing);
    if (e != CH_OK)
        return e;
    out->laid = ch_alloc_array(r->a, (size_t)rows[1].n, sizeof *out->laid);
    for (int row = 0; e == CH_OK && row < rows[1].n && out->n < CH_TRAY_MAX;)
        e = read_laid(r, what, out->signing.mine, &rows[1], &row, &out->laid[out->n++]);
    return e;
}

/* Writes the texts of the tray as they are signed at that time. */
static void set_time(struct ch_arena *a, struct tray *t, const char *time)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->laid[i].same) {
            t->texts[t->n_leaves] = text_at(a, &t->laid[i].statement, time, t->leaves[t->n_leaves]);
            t->n_leaves++;
        }
}

enum ch_err ch_decision_tray_offer(struct ch_req *r, enum ch_decision what)
{
    struct tray t;
    ch_tray_hash root;
    size_t leaf = 0;
    struct ch_jw w;

    enum ch_err e = read_tray(r, what, &t);
    if (e != CH_OK)
        return e;
    const char *time = ch_signing_time(r, &t.signing);
    set_time(r->a, &t, time);
    if (t.n_leaves > 0)
        ch_tray_root(t.leaves, t.n_leaves, root);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "items");
    for (size_t i = 0; i < t.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "order", t.laid[i].order);
        ch_jw_text(&w, "number", t.laid[i].number);
        ch_jw_text(&w, "at", ch_rfc3339(r->a, t.laid[i].at));
        ch_jw_text(&w, "statement", t.laid[i].same ? t.texts[leaf++] : NULL);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_signing_write_offer(&w, r, &t.signing, time, t.n_leaves > 0 ? root : NULL);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* The signature of the tray as that of one of its statements. */
static void place_on(struct ch_arena *a, const struct tray *t, size_t at, struct ch_signature *out)
{
    ch_tray_hash *path = ch_alloc_array(a, CH_TRAY_PATH, sizeof *path);

    out->given.leaves = t->n_leaves;
    out->given.at = at;
    out->given.path = CH_BYTES(path, ch_tray_path(t->leaves, t->n_leaves, at, path) * sizeof *path);
}

enum ch_err ch_decision_tray_take(struct ch_req *r, enum ch_decision what, const struct ch_json *decision,
                                  ch_decision_deed *deed)
{
    struct ch_signature given;
    size_t leaf = 0;
    struct tray t;

    enum ch_err e = ch_signing_read(r, decision, &given);
    if (e == CH_OK)
        e = read_tray(r, what, &t);
    if (e != CH_OK)
        return e;
    set_time(r->a, &t, given.time);
    if (t.n_leaves == 0)
        return ch_fail_say(r, CH_E_CONFLICT, "待签清单中没有可以签署的内容。");
    for (size_t i = 0; e == CH_OK && i < t.n; i++) {
        const struct laid *one = &t.laid[i];
        if (!one->same)
            continue;
        place_on(r->a, &t, leaf, &given);
        e = ch_signing_check(r, &t.signing, ch_decision_roles(what), t.texts[leaf], &given);
        const struct ch_call calls[] = {keep_call(r->a, &one->statement, t.texts[leaf], &given),
                                        deed(r, one->order, one->version, one->note)};
        struct ch_rows rows[CH_COUNT(calls)];
        if (e == CH_OK)
            e = ch_run_all(r, calls, CH_COUNT(calls), rows);
        leaf++;
    }
    return e == CH_OK ? ch_reply_empty(r) : e;
}
