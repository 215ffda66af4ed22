/* SPDX-License-Identifier: Apache-2.0
 * Making a copy of a mould. */
#include "programs/bench/cast.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/form/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000

/* A copy that is being made. */
struct copy {
    struct ch_arena *a;
    const struct ch_ring *ring;
    const struct casting *c;
    const struct mould *m;
    uint64_t state;
    char (*ids)[37];
    int64_t *times;
    const char **words;
    char (*heads)[2 * CH_SM3_BYTES + 1]; /* the last head of each id, in hex, or "" */
    const char *row_head;
    int64_t audit_id, fresh;
};

static void write_hex(const unsigned char *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
}

static void add_hex(struct ch_buf *b, const unsigned char *p, size_t n)
{
    char part[512];

    for (size_t at = 0; at < n; at += sizeof part / 2) {
        size_t some = n - at < sizeof part / 2 ? n - at : sizeof part / 2;
        write_hex(p + at, some, part);
        ch_buf_add(b, part, 2 * some);
    }
}

/* ---- ids and times ---- */

void cast_uuid(uint64_t *state, int64_t ms, char out[37])
{
    uint64_t r[2] = {chance(state), chance(state)};
    unsigned char u[16];
    char text[32];

    memcpy(u, r, sizeof u);
    for (int i = 0; ms >= 0 && i < 6; i++)
        u[i] = (unsigned char)(ms >> (40 - 8 * i));
    u[6] = (unsigned char)((ms >= 0 ? 0x70 : 0x40) | (u[6] & 15));
    u[8] = (unsigned char)(0x80 | (u[8] & 63));
    write_hex(u, sizeof u, text);
    for (int i = 0, at = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[at++] = '-';
        out[at++] = text[i];
    }
    out[36] = '\0';
}

/* The time in the copy for the time `t` of the specimen. Times in whole seconds stay in whole seconds. */
static int64_t map_time(const struct copy *k, int64_t t)
{
    const struct mould *m = k->m;
    int64_t at;

    if (t < m->begin)
        at = k->c->begin - (m->begin - t);
    else if (t > m->end)
        at = k->c->end + (t - m->end);
    else
        at = k->c->begin + (int64_t)((double)(t - m->begin) / (double)(m->end > m->begin ? m->end - m->begin : 1) *
                                     (double)(k->c->end - k->c->begin));
    return t % SECOND == 0 ? at - at % SECOND : at;
}

/* The time of a UUID of version 7, in milliseconds; -1 for another version. */
static int64_t id_ms(const char *id)
{
    char text[13];

    if (id[14] != '7')
        return -1;
    memcpy(text, id, 8);
    memcpy(text + 8, id + 9, 4);
    text[12] = '\0';
    return (int64_t)strtoull(text, NULL, 16);
}

static char *put_digits(char *out, int n, int v)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        out[i] = (char)('0' + v % 10);
    return out + n;
}

static char *put_pair(char *out, char before, int v)
{
    *out = before;
    return put_digits(out + 1, 2, v);
}

/* Appends a time without the functions of libc, because a copy has some five hundred times. */
static void add_clock(struct ch_buf *b, int64_t micros, int offset, char between, bool colon)
{
    time_t seconds = (time_t)(micros / SECOND + offset);
    char text[40], *p = text;
    struct tm tm;

    gmtime_r(&seconds, &tm);
    p = put_digits(p, 4, tm.tm_year + 1900);
    p = put_pair(p, '-', tm.tm_mon + 1);
    p = put_pair(p, '-', tm.tm_mday);
    p = put_pair(p, between, tm.tm_hour);
    p = put_pair(p, ':', tm.tm_min);
    p = put_pair(p, ':', tm.tm_sec);
    if (micros % SECOND != 0) {
        *p++ = '.';
        p = put_digits(p, 6, (int)(micros % SECOND));
    }
    p = put_pair(p, offset < 0 ? '-' : '+', abs(offset) / 3600);
    if (colon)
        p = put_pair(p, ':', 0);
    ch_buf_add(b, text, (size_t)(p - text));
}

void cast_time(struct ch_buf *b, int64_t micros)
{
    add_clock(b, micros, 0, ' ', false);
}

static void add_number(struct ch_buf *b, int64_t v)
{
    char text[24], *p = text + sizeof text;

    do
        *--p = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    ch_buf_add(b, p, (size_t)(text + sizeof text - p));
}

static void add_time(struct copy *k, struct ch_buf *b, const struct piece *p)
{
    int64_t micros = k->times[p->which];
    time_t seconds = (time_t)(micros / SECOND);
    char text[16];
    struct tm tm;

    switch (p->form) {
    case TIME_PLAIN:
        cast_time(b, micros);
        break;
    case TIME_JSON:
        add_clock(b, micros, (int)p->n - 86400, 'T', true);
        break;
    case TIME_MICROS:
        add_number(b, micros);
        break;
    case TIME_DATE:
        ch_buf_puts(b, ch_beijing(k->a, seconds, "%Y-%m-%d"));
        break;
    case TIME_DER:
        gmtime_r(&seconds, &tm);
        strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &tm); /* written without the century */
        add_hex(b, (const unsigned char *)text + 2, 13);
        break;
    }
}

/* ---- the other pieces ---- */

static void add_pieces(struct copy *k, struct ch_buf *b, const struct pieces *pieces);

static void add_secret(struct copy *k, struct ch_buf *b, size_t which)
{
    const struct secret *s = &k->m->secrets[which];
    struct ch_buf plain;

    ch_buf_init(&plain, k->a);
    add_pieces(k, &plain, &s->plain);
    struct ch_bytes encrypted = ch_encrypt(k->ring, k->a, s->place, k->ids[s->row], ch_buf_bytes(&plain));
    add_hex(b, encrypted.p, encrypted.n);
}

static void add_word(struct copy *k, struct ch_buf *b, const struct piece *p)
{
    const struct word *w = &k->m->words.list[p->which];
    const char *text = k->words[p->which];

    if (p->form == WORD_PLAIN) {
        ch_buf_puts(b, text);
    } else if (w->shape == HEX || w->shape == BLIND) {
        for (; *text != '\0'; text++)
            ch_buf_putc(b, *text >= 'A' && *text <= 'F' ? (char)(*text + 32) : *text);
    } else {
        add_hex(b, (const unsigned char *)text, strlen(text));
    }
}

static void add_pieces(struct copy *k, struct ch_buf *b, const struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->n; i++) {
        const struct piece *p = &pieces->list[i];
        switch (p->kind) {
        case PIECE_TEXT:
            ch_buf_add(b, p->p, p->n);
            break;
        case PIECE_ID:
            ch_buf_add(b, k->ids[p->which], 36);
            break;
        case PIECE_TIME:
            add_time(k, b, p);
            break;
        case PIECE_FRESH:
            cast_time(b, k->fresh + (int64_t)p->n);
            break;
        case PIECE_WORD:
            add_word(k, b, p);
            break;
        case PIECE_SECRET:
            add_secret(k, b, p->which);
            break;
        case PIECE_HEAD:
            ch_buf_puts(b, k->heads[p->which]);
            break;
        case PIECE_ROW:
            ch_buf_puts(b, k->row_head);
            break;
        case PIECE_NUMBER:
            add_number(b, k->audit_id);
            break;
        }
    }
}

/* ---- words ---- */

static const struct ch_json *marks_of(struct copy *k)
{
    struct ch_buf plain;
    struct ch_json *form, *marks;

    ch_buf_init(&plain, k->a);
    add_pieces(k, &plain, &k->m->secrets[k->m->form].plain);
    if (ch_json_parse(k->a, ch_buf_bytes(&plain), &form, NULL) != CH_JSON_OK)
        abort(); /* cannot happen: the words of a form are plain text */
    const char *json = ch_form_marks(k->a, k->ring, form);
    if (ch_json_parse(k->a, CH_BYTES(json, strlen(json)), &marks, NULL) != CH_JSON_OK)
        abort();
    return marks;
}

/* The marks come last, because they are computed from the form, which contains the other words. */
static void make_words(struct copy *k)
{
    struct inventing with = {.ring = k->ring, .state = &k->state, .created = k->times[k->m->created]};

    for (size_t i = 0; i < k->m->words.n; i++)
        if (k->m->words.list[i].shape != MARK)
            k->words[i] = word_invent(k->a, &k->m->words, i, k->words, &with);
    if (k->m->form >= 0)
        with.marks = marks_of(k);
    for (size_t i = 0; i < k->m->words.n; i++)
        if (k->m->words.list[i].shape == MARK)
            k->words[i] = word_invent(k->a, &k->m->words, i, k->words, &with);
}

/* ---- rows ---- */

/* Makes one link of a chain, SM3(previous head | body), as hall.audited does. */
static void add_audit(struct copy *k, const struct row *r, struct batch *b)
{
    unsigned char head[CH_SM3_BYTES], leaf[CH_SM3_BYTES];
    struct ch_buf body;
    struct ch_bytes before;

    ch_buf_init(&body, k->a);
    if (!ch_unhex(k->a, k->heads[r->subject], &before))
        abort();
    ch_buf_add(&body, before.p, before.n);
    add_pieces(k, &body, &r->body);
    ch_sm3(ch_buf_bytes(&body), head);
    write_hex(head, sizeof head, k->heads[r->subject]);
    k->row_head = k->heads[r->subject];
    add_pieces(k, &b->rows[r->table], &r->text);
    ch_merkle_leaf_hash(CH_BYTES(head, sizeof head), leaf);
    ch_buf_add(&b->leaves, leaf, sizeof leaf);
    ch_buf_add(&b->leaf_times, &k->times[r->at], sizeof k->times[r->at]);
    k->audit_id++;
}

static void empty_buffer(struct ch_buf *b, struct ch_arena *a)
{
    if (b->a == NULL)
        ch_buf_init(b, a);
    b->n = 0;
}

void batch_begin(struct batch *b, struct ch_arena *a)
{
    for (size_t t = 0; t < tables_n; t++)
        empty_buffer(&b->rows[t], a);
    empty_buffer(&b->leaves, a);
    empty_buffer(&b->leaf_times, a);
}

void cast(struct ch_arena *scratch, const struct ch_ring *ring, const struct casting *c, struct batch *b)
{
    const struct mould *m = c->mould;
    struct copy k = {.a = scratch, .ring = ring, .c = c, .m = m, .state = c->chance, .audit_id = c->audit_id};

    ch_arena_reset(scratch);
    k.ids = ch_alloc_array(scratch, m->n_ids, sizeof *k.ids);
    k.heads = ch_alloc_array(scratch, m->n_ids, sizeof *k.heads);
    k.times = ch_alloc_array(scratch, m->n_times, sizeof *k.times);
    k.words = ch_alloc_array(scratch, m->words.n + 1, sizeof *k.words);
    for (size_t i = 0; i < m->n_times; i++)
        k.times[i] = map_time(&k, m->times[i]);
    snprintf(k.ids[0], sizeof k.ids[0], "%s", c->account);
    for (size_t i = 1; i < m->n_ids; i++) {
        int64_t ms = id_ms(m->ids[i]);
        cast_uuid(&k.state, ms < 0 ? -1 : map_time(&k, ms * 1000) / 1000, k.ids[i]);
    }
    make_words(&k);
    k.fresh = c->now - (m->period > 0 ? (int64_t)(chance(&k.state) % (uint64_t)m->period) : 0);
    k.fresh -= k.fresh % SECOND;
    for (size_t i = 0; i < m->n_rows; i++) /* audit rows first, because the rows of their subjects contain the heads */
        if (m->rows[i].body.n > 0)
            add_audit(&k, &m->rows[i], b);
    bool ended = m->expiry != 0 && map_time(&k, m->expiry) < c->now;
    for (size_t i = 0; i < m->n_rows; i++)
        if (m->rows[i].body.n == 0 && !(m->rows[i].fresh && ended))
            add_pieces(&k, &b->rows[m->rows[i].table], &m->rows[i].text);
}
