/* SPDX-License-Identifier: Apache-2.0
 * Making a mould: reading a specimen's rows, opening what is encrypted, and cutting everything into pieces. */
#include "programs/bench/mould.h"

#include "core/base/codec.h"
#include "core/order/order.h"
#include "programs/bench/carve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHONE "account.phone"
#define LEAN_BYTES 256 /* that are copied of a picture */

const struct way ways[] = {
#define WAY(name, share, least, most, days) {name, share, least, most, days},
#include "programs/bench/ways.tbl"
#undef WAY
};
const size_t ways_n = CH_COUNT(ways);

/* Columns with pictures, which are nine tenths of an order with a seal. No statement reads them in orders that have ended, so
 * only their first bytes are copied. */
static const struct {
    const char *table, *column;
} pictures[] = {{"sealpicture", "png"}, {"sealpicture", "svg"}, {"seal", "seal"}};

/* A mould that is being made. */
struct making {
    struct ch_arena *a;
    PGconn *c;
    const struct ch_ring *ring;
    struct mould *m;
    PGresult *found[TABLES_MAX];
    size_t next_secret;
};

static const char *column_value(const struct making *g, int t, int row, const char *column)
{
    int at = column_of(&tables[t], column);

    return at < 0 || PQgetisnull(g->found[t], row, at) ? NULL : PQgetvalue(g->found[t], row, at);
}

static int64_t parse_time(const char *s)
{
    int64_t micros = 0;
    int form, offset;

    return s != NULL && time_read(s, &micros, &form, &offset) > 0 ? micros : 0;
}

static void add_id(struct making *g, const char *id)
{
    struct mould *m = g->m;

    if (m->n_ids % 64 == 0) {
        void *more = ch_alloc_array(g->a, m->n_ids + 64, sizeof *m->ids);
        if (m->n_ids > 0)
            memcpy(more, m->ids, m->n_ids * sizeof *m->ids);
        m->ids = more;
    }
    snprintf(m->ids[m->n_ids++], sizeof *m->ids, "%s", id);
}

static size_t id_index(const struct making *g, const char *id)
{
    for (size_t i = 0; i < g->m->n_ids; i++)
        if (strcmp(g->m->ids[i], id) == 0)
            return i;
    abort(); /* the specimen lacks the row that a value is bound to */
}

/* ---- reading the rows ---- */

static const char *id_array(struct making *g)
{
    struct ch_buf b;

    ch_buf_init(&b, g->a);
    for (size_t i = 1; i < g->m->n_ids; i++)
        ch_buf_printf(&b, "%s%s", i > 1 ? "," : "", g->m->ids[i]);
    return ch_printf(g->a, "{%s}", b.p);
}

static bool read_rows(struct making *g, const char *of)
{
    for (size_t t = 0; t < tables_n; t++) {
        const struct table *table = &tables[t];
        const char *sort = strcmp(table->name, "audit") == 0 ? " ORDER BY id" : "";
        g->found[t] = pg_ask(g->a, g->c,
                             ch_printf(g->a, "SELECT %s FROM %s WHERE %s%s", table->list, table->name, table->rows, sort),
                             of, id_array(g));
        if (g->found[t] == NULL)
            return false;
        int id = column_of(table, "id");
        for (int row = 0; id >= 0 && row < PQntuples(g->found[t]); row++)
            if (strcmp(table->columns[id].type, "uuid") == 0 && strcmp(PQgetvalue(g->found[t], row, id), g->m->ids[0]) != 0)
                add_id(g, PQgetvalue(g->found[t], row, id));
    }
    return true;
}

/* Finds the order, the order whose certificate it replaces, and the account of both. */
static const char *read_subject(struct making *g, const char *order, bool account)
{
    PGresult *res = pg_ask(g->a, g->c,
                           ch_printf(g->a,
                                     "SELECT o.account, array_remove(ARRAY[o.id, c.order_id], NULL) FROM hall.orders o"
                                     " LEFT JOIN hall.certificate c ON c.id = o.replaces WHERE o.id = '%s'",
                                     order),
                           NULL, NULL);

    if (res == NULL || PQntuples(res) == 0) {
        fprintf(stderr, "there is no order %s\n", order);
        return NULL;
    }
    add_id(g, PQgetvalue(res, 0, 0));
    return account ? ch_printf(g->a, "{%s}", g->m->ids[0]) : PQgetvalue(res, 0, 1);
}

/* Whether the value is encrypted. A key that was destroyed is empty (hall.paper_replaced); it is copied as it is. */
static bool is_secret(const struct column *c, const char *text)
{
    return c->place != NULL && strcmp(text, "\\x") != 0;
}

static bool open_secret(struct making *g, const struct table *t, PGresult *res, int row, int column)
{
    struct ch_bytes encrypted, plain;
    struct ch_json *form;
    const char *bound = PQgetvalue(res, row, t->row), *place = t->columns[column].place;

    if (!ch_unhex(g->a, PQgetvalue(res, row, column) + 2, &encrypted) ||
        !ch_decrypt(g->ring, g->a, place, bound, encrypted, &plain)) {
        fprintf(stderr, "%s of %s does not open\n", place, bound);
        return false;
    }
    struct secret *s = &g->m->secrets[g->m->n_secrets++];
    *s = (struct secret){.place = place, .row = id_index(g, bound)};
    piece_add(g->a, &s->plain, (struct piece){.p = (const char *)plain.p, .n = plain.n});
    if (strcmp(place, CH_ORDER_FORM) == 0 && ch_json_parse(g->a, plain, &form, NULL) == CH_JSON_OK) {
        g->m->form = (int)g->m->n_secrets - 1;
        words_of_form(g->a, &g->m->words, g->ring, form, g->m->form);
    } else if (strcmp(place, PHONE) == 0) {
        words_of_mobile(g->a, &g->m->words, g->ring, ACCOUNT_MOBILE, (const char *)plain.p);
    }
    return true;
}

/* Decrypts what is encrypted, and collects the words that belong to the order. */
static bool read_values(struct making *g)
{
    struct word word;

    for (size_t t = 0; t < tables_n; t++)
        for (int row = 0; row < PQntuples(g->found[t]); row++)
            for (size_t column = 0; column < tables[t].n; column++) {
                const char *text = PQgetvalue(g->found[t], row, (int)column);
                if (*text == '\0')
                    continue;
                if (is_secret(&tables[t].columns[column], text) && !open_secret(g, &tables[t], g->found[t], row, (int)column))
                    return false;
                if (!words_of_column(tables[t].name, tables[t].columns[column].name, &word))
                    continue;
                bool bytes = strncmp(text, "\\x", 2) == 0;
                word.text = text + (bytes ? 2 : 0);
                word.keep -= bytes ? 2 : 0;
                words_add(g->a, &g->m->words, word);
            }
    return true;
}

static void read_times(struct making *g)
{
    struct mould *m = g->m;
    int audit = table_of("audit"), orders = table_of("orders"), certificate = table_of("certificate"),
        ocsp = table_of("ocsp_response");

    m->n_audit = (size_t)PQntuples(g->found[audit]);
    m->n_orders = (size_t)PQntuples(g->found[orders]);
    for (int i = 0; i < (int)m->n_audit; i++) {
        int64_t at = parse_time(column_value(g, audit, i, "at"));
        m->begin = m->begin == 0 || at < m->begin ? at : m->begin;
        m->end = at > m->end ? at : m->end;
    }
    for (int i = 0; i < PQntuples(g->found[certificate]); i++) {
        int64_t until = parse_time(column_value(g, certificate, i, "not_after"));
        m->expiry = until > m->expiry ? until : m->expiry;
        /* These times must be known before the certificate's bytes are cut. */
        time_index(g->a, m, until);
        time_index(g->a, m, parse_time(column_value(g, certificate, i, "not_before")));
    }
    if (PQntuples(g->found[ocsp]) > 0)
        m->period = parse_time(column_value(g, ocsp, 0, "due_at")) - parse_time(column_value(g, ocsp, 0, "this_update"));
    m->created = time_index(g->a, m, m->n_orders > 0 ? parse_time(column_value(g, orders, 0, "created_at")) : m->begin);
}

/* ---- the pieces ---- */

/* True for a picture of an order that has ended, of which only the first bytes are copied. */
static bool is_lean(const struct mould *m, const struct table *t, size_t column)
{
    if (m->way == NULL || m->way->days > 0)
        return false;
    for (size_t i = 0; i < CH_COUNT(pictures); i++)
        if (strcmp(t->name, pictures[i].table) == 0 && strcmp(t->columns[column].name, pictures[i].column) == 0)
            return true;
    return false;
}

static size_t limit(size_t n, size_t most, bool cut)
{
    return cut && n > most ? most : n;
}

static void carve_secret(struct making *g, struct pieces *out, bool cut)
{
    struct secret *s = &g->m->secrets[g->next_secret];
    struct piece whole = s->plain.list[0];
    bool binary = memchr(whole.p, '\0', whole.n) != NULL;

    whole.n = limit(whole.n, LEAN_BYTES, cut);
    s->plain = (struct pieces){0};
    if (binary)
        piece_add(g->a, &s->plain, whole);
    else
        carve(g->a, g->m, &s->plain, whole.p, whole.n, CARVE_RAW);
    piece_text(g->a, out, "\\\\x");
    piece_add(g->a, out, (struct piece){.kind = PIECE_SECRET, .which = g->next_secret++});
}

static void carve_bytes(struct making *g, struct pieces *out, const char *text, bool cut)
{
    piece_text(g->a, out, "\\\\x");
    carve(g->a, g->m, out, text + 2, limit(strlen(text + 2), (size_t)2 * LEAN_BYTES, cut), CARVE_HEX);
}

/* Handles columns whose values a copy must not have from the specimen; false for any other column. */
static bool carve_special(struct making *g, int t, int row, size_t column, struct pieces *out)
{
    const char *table = tables[t].name, *name = tables[t].columns[column].name;
    bool audit = strcmp(table, "audit") == 0, chain = strcmp(table, "audit_chain") == 0, job = strcmp(table, "outbox") == 0;

    if (strcmp(name, "audit_head") == 0 || (chain && strcmp(name, "head") == 0)) {
        piece_text(g->a, out, "\\\\x");
        const char *id = column_value(g, t, row, chain ? "subject" : "id");
        piece_add(g->a, out, (struct piece){.kind = PIECE_HEAD, .which = id_index(g, id)});
    } else if (audit && strcmp(name, "head") == 0) {
        piece_text(g->a, out, "\\\\x");
        piece_add(g->a, out, (struct piece){.kind = PIECE_ROW});
    } else if (audit && strcmp(name, "id") == 0) {
        piece_add(g->a, out, (struct piece){.kind = PIECE_NUMBER});
    } else if (job && strcmp(name, "state") == 0) { /* so that the runner does nothing for copies */
        piece_text(g->a, out, "done");
    } else if (job && strcmp(name, "done_at") == 0 && column_value(g, t, row, name) == NULL) {
        const char *since = column_value(g, t, row, "created_at");
        carve(g->a, g->m, out, since, strlen(since), CARVE_COPY);
    } else {
        return false;
    }
    return true;
}

static bool is_number(const char *type)
{
    return strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0 || strcmp(type, "smallint") == 0 ||
           strcmp(type, "numeric") == 0;
}

static void carve_value(struct making *g, int t, int row, size_t column, struct row *r)
{
    const struct column *c = &tables[t].columns[column];
    const char *text = PQgetvalue(g->found[t], row, (int)column);
    bool cut = is_lean(g->m, &tables[t], column);

    if (carve_special(g, t, row, column, &r->text))
        return;
    if (PQgetisnull(g->found[t], row, (int)column))
        piece_text(g->a, &r->text, "\\N");
    else if (is_secret(c, text))
        carve_secret(g, &r->text, cut);
    else if (strcmp(c->type, "bytea") == 0)
        carve_bytes(g, &r->text, text, cut);
    else if (strcmp(c->type, "date") == 0)
        carve_date(g->a, g->m, &r->text, text);
    else if (is_number(c->type))
        piece_text(g->a, &r->text, text);
    else if (r->fresh)
        carve_fresh(g->a, g->m, &r->text, text, parse_time(column_value(g, t, row, "this_update")));
    else
        carve(g->a, g->m, &r->text, text, strlen(text), CARVE_COPY);
}

/* Cuts what is hashed for the head of an audit row (hall.audit_text). */
static void carve_body(struct making *g, int t, int row, struct row *r)
{
    static const char *const before[] = {"kind", "subject", "seq"}, *const behind[] = {"actor", "op", "request", "detail"};
    struct pieces *out = &r->body;

    r->at = time_index(g->a, g->m, parse_time(column_value(g, t, row, "at")));
    for (size_t i = 0; i < CH_COUNT(before); i++) {
        const char *s = column_value(g, t, row, before[i]);
        carve(g->a, g->m, out, s, strlen(s), CARVE_RAW);
        piece_text(g->a, out, "|");
    }
    piece_add(g->a, out, (struct piece){.kind = PIECE_TIME, .form = TIME_MICROS, .which = r->at});
    for (size_t i = 0; i < CH_COUNT(behind); i++) {
        const char *s = column_value(g, t, row, behind[i]);
        piece_text(g->a, out, "|");
        carve(g->a, g->m, out, s, strlen(s), CARVE_RAW);
    }
}

static void carve_row(struct making *g, int t, int row, struct row *r)
{
    r->table = t;
    r->fresh = strcmp(tables[t].name, "ocsp_response") == 0;
    if (strcmp(tables[t].name, "audit") == 0) {
        r->subject = id_index(g, column_value(g, t, row, "subject"));
        carve_body(g, t, row, r);
    }
    for (size_t column = 0; column < tables[t].n; column++) {
        if (column > 0)
            piece_text(g->a, &r->text, "\t");
        carve_value(g, t, row, column, r);
    }
    piece_text(g->a, &r->text, "\n");
}

/* Joins neighbouring pieces of text. */
static void join_text(struct ch_arena *a, struct pieces *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; n++) {
        size_t end = i;
        struct ch_buf b;
        p->list[n] = p->list[i];
        while (end < p->n && p->list[end].kind == PIECE_TEXT)
            end++;
        if (end <= i + 1) {
            i++;
            continue;
        }
        ch_buf_init(&b, a);
        for (; i < end; i++)
            ch_buf_add(&b, p->list[i].p, p->list[i].n);
        p->list[n] = (struct piece){.kind = PIECE_TEXT, .p = b.p, .n = b.n};
    }
    p->n = n;
}

static void carve_rows(struct making *g)
{
    struct mould *m = g->m;
    size_t all = 0;

    for (size_t t = 0; t < tables_n; t++)
        all += (size_t)PQntuples(g->found[t]);
    m->rows = ch_alloc_array(g->a, all, sizeof *m->rows);
    for (size_t t = 0; t < tables_n; t++)
        for (int row = 0; row < PQntuples(g->found[t]); row++) {
            struct row *r = &m->rows[m->n_rows++];
            carve_row(g, (int)t, row, r);
            join_text(g->a, &r->text);
            join_text(g->a, &r->body);
        }
}

struct mould *mould_make(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, const struct way *way, const char *order)
{
    struct making *g = CH_NEW(a, struct making);

    *g = (struct making){.a = a, .c = c, .ring = ring, .m = CH_NEW(a, struct mould)};
    g->m->way = way;
    g->m->form = -1;
    g->m->secrets = ch_alloc_array(a, 256, sizeof *g->m->secrets);
    const char *of = read_subject(g, order, way == NULL);
    if (of == NULL || !read_rows(g, of) || !read_values(g))
        return NULL;
    read_times(g);
    for (size_t i = 0; i < g->m->words.n; i++) {
        g->m->n_seal_codes += g->m->words.list[i].shape == SEAL_CODE;
        g->m->n_filings += g->m->words.list[i].shape == FILING_NUMBER;
    }
    carve_rows(g);
    return g->m;
}
