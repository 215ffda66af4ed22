/* SPDX-License-Identifier: Apache-2.0
 * Cutting a text into pieces. */
#include "programs/bench/carve.h"

#include "core/base/clock.h"
#include "core/base/codec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void piece_add(struct ch_arena *a, struct pieces *out, struct piece p)
{
    if (out->n == out->cap) {
        struct piece *more = ch_alloc_array(a, out->cap == 0 ? 8 : out->cap * 2, sizeof *more);
        if (out->n > 0)
            memcpy(more, out->list, out->n * sizeof *more);
        out->list = more;
        out->cap = out->cap == 0 ? 8 : out->cap * 2;
    }
    out->list[out->n++] = p;
}

void piece_text(struct ch_arena *a, struct pieces *out, const char *s)
{
    piece_add(a, out, (struct piece){.kind = PIECE_TEXT, .p = s, .n = strlen(s)});
}

/* Reads a number of `n` digits; -1 when there are other characters. */
static int read_digits(const char *s, int n)
{
    int v = 0;

    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)s[i]))
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

static size_t read_offset(const char *s, int *offset)
{
    int h = read_digits(s + 1, 2), m = 0;
    size_t n = 3;

    if ((s[0] != '+' && s[0] != '-') || h < 0)
        return 0;
    if (s[3] == ':' && (m = read_digits(s + 4, 2)) >= 0)
        n = 6;
    *offset = (s[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return n;
}

size_t time_read(const char *s, int64_t *micros, int *form, int *offset)
{
    struct tm tm = {0};

    if ((tm.tm_year = read_digits(s, 4)) < 0 || s[4] != '-' || (tm.tm_mon = read_digits(s + 5, 2)) < 0 || s[7] != '-' ||
        (tm.tm_mday = read_digits(s + 8, 2)) < 0 || (s[10] != ' ' && s[10] != 'T') ||
        (tm.tm_hour = read_digits(s + 11, 2)) < 0 || s[13] != ':' || (tm.tm_min = read_digits(s + 14, 2)) < 0 ||
        s[16] != ':' || (tm.tm_sec = read_digits(s + 17, 2)) < 0)
        return 0;
    size_t n = 19;
    int64_t fraction = 0;
    if (s[n] == '.') {
        int64_t unit = 100000;
        for (n++; isdigit((unsigned char)s[n]); n++, unit /= 10)
            fraction += (s[n] - '0') * unit;
    }
    size_t zone = read_offset(s + n, offset);
    if (zone == 0)
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *micros = ((int64_t)timegm(&tm) - *offset) * 1000000 + fraction;
    *form = s[10] == 'T' ? TIME_JSON : TIME_PLAIN;
    return n + zone;
}

size_t time_index(struct ch_arena *a, struct mould *m, int64_t micros)
{
    for (size_t i = 0; i < m->n_times; i++)
        if (m->times[i] == micros)
            return i;
    if (m->n_times % 64 == 0) {
        int64_t *more = ch_alloc_array(a, m->n_times + 64, sizeof *more);
        if (m->n_times > 0)
            memcpy(more, m->times, m->n_times * sizeof *more);
        m->times = more;
    }
    m->times[m->n_times] = micros;
    return m->n_times++;
}

static size_t find_id(const struct mould *m, const char *s, size_t left, size_t *which)
{
    if (left < 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-')
        return 0;
    for (size_t i = 0; i < m->n_ids; i++)
        if (memcmp(m->ids[i], s, 36) == 0) {
            *which = i;
            return 36;
        }
    return 0;
}

/* Finds the longest word that begins at `s`. */
static size_t find_word(const struct mould *m, const char *s, size_t left, bool hex, size_t *which)
{
    size_t best = 0;

    if (left < 2 || !(hex ? m->words.begins_hex : m->words.begins)[WORD_BEGINS(s)])
        return 0;
    for (size_t i = 0; i < m->words.n; i++) {
        const struct word *w = &m->words.list[i];
        const char *text = hex ? w->hex : w->text;
        size_t n = hex ? w->hex_n : w->n;
        if (n > best && n <= left && text[0] == s[0] && memcmp(text, s, n) == 0) {
            best = n;
            *which = i;
        }
    }
    return best;
}

/* Finds a time in the form of certificates, in hex: twelve digits and a Z. */
static size_t find_der_time(const struct mould *m, const char *s, size_t left, size_t *which)
{
    char text[16];

    if (left < 26 || s[0] != '3' || memcmp(s + 24, "5a", 2) != 0)
        return 0;
    for (int i = 0; i < 12; i++) {
        if (s[2 * i] != '3' || !isdigit((unsigned char)s[2 * i + 1]))
            return 0;
        text[i] = s[2 * i + 1];
    }
    struct tm tm = {.tm_year = 100 + read_digits(text, 2),
                    .tm_mon = read_digits(text + 2, 2) - 1,
                    .tm_mday = read_digits(text + 4, 2),
                    .tm_hour = read_digits(text + 6, 2),
                    .tm_min = read_digits(text + 8, 2),
                    .tm_sec = read_digits(text + 10, 2)};
    int64_t micros = (int64_t)timegm(&tm) * 1000000;
    for (size_t i = 0; i < m->n_times; i++)
        if (m->times[i] == micros) {
            *which = i;
            return 26;
        }
    return 0;
}

/* Finds the piece that begins at `s` and is not text. Returns how many characters it has; 0 when there is none. */
static size_t find_piece(struct ch_arena *a, struct mould *m, const char *s, size_t left, enum carving how, struct piece *p)
{
    size_t n;
    int64_t micros;
    int offset = 0;

    *p = (struct piece){.kind = PIECE_WORD, .form = how == CARVE_HEX ? WORD_IN_HEX : WORD_PLAIN};
    if (how == CARVE_HEX) {
        if ((n = find_word(m, s, left, true, &p->which)) == 0 && (n = find_der_time(m, s, left, &p->which)) > 0)
            *p = (struct piece){.kind = PIECE_TIME, .form = TIME_DER, .which = p->which};
        return n;
    }
    if ((n = find_id(m, s, left, &p->which)) > 0) {
        p->kind = PIECE_ID;
    } else if (left > 20 && s[0] == '2' && (n = time_read(s, &micros, &p->form, &offset)) > 0) {
        *p = (struct piece){
            .kind = PIECE_TIME, .form = p->form, .which = time_index(a, m, micros), .n = (size_t)(offset + 86400)};
    } else {
        n = find_word(m, s, left, false, &p->which);
    }
    return n;
}

/* Appends the text between two pieces. */
static void add_text(struct ch_arena *a, struct pieces *out, const char *s, size_t n, enum carving how)
{
    static const char specials[] = "\\\t\n\r";
    struct ch_buf b;

    if (n == 0)
        return;
    ch_buf_init(&b, a);
    for (size_t i = 0; i < n; i++) {
        const char *special = how == CARVE_COPY && s[i] != '\0' ? strchr(specials, s[i]) : NULL;
        if (special != NULL)
            ch_buf_putc(&b, '\\');
        ch_buf_putc(&b, special != NULL ? "\\tnr"[special - specials] : s[i]);
    }
    piece_add(a, out, (struct piece){.kind = PIECE_TEXT, .p = b.p, .n = b.n});
}

void carve(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, size_t n, enum carving how)
{
    size_t done = 0, step = how == CARVE_HEX ? 2 : 1;
    struct piece p;

    for (size_t i = 0; i < n;) {
        size_t taken = find_piece(a, m, s + i, n - i, how, &p);
        if (taken > 0) {
            add_text(a, out, s + done, i - done, how);
            piece_add(a, out, p);
            done = i += taken;
        } else {
            i += step;
        }
    }
    add_text(a, out, s + done, n - done, how);
}

void carve_fresh(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, int64_t since)
{
    int64_t micros;
    int form, offset;

    if (time_read(s, &micros, &form, &offset) == 0)
        carve(a, m, out, s, strlen(s), CARVE_COPY);
    else
        piece_add(a, out, (struct piece){.kind = PIECE_FRESH, .n = (size_t)(micros - since)});
}

void carve_date(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s)
{
    int64_t seconds = ch_parse_day(s) + 12 * 3600;

    piece_add(a, out, (struct piece){.kind = PIECE_TIME, .form = TIME_DATE, .which = time_index(a, m, seconds * 1000000)});
}
