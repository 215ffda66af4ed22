/* SPDX-License-Identifier: Apache-2.0
 * Finds the signatures in a PDF file and the bytes that they cover. */
#include "core/pki/pdf.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_WITHIN 1024      /* "%PDF-" is within this number of bytes (ISO 32000-1, annex H) */
#define CMS_MAX (1024 * 1024) /* bytes of one signature */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0';
}

/* The offset of `word` within [from, to), or `to` when it is not there. */
static size_t find_word(struct ch_bytes file, size_t from, size_t to, const char *word)
{
    const unsigned char *p = from < to ? memmem(file.p + from, to - from, word, strlen(word)) : NULL;
    return p != NULL ? (size_t)(p - file.p) : to;
}

bool ch_pdf_is(struct ch_bytes file)
{
    size_t to = file.n < HEAD_WITHIN ? file.n : HEAD_WITHIN;
    return find_word(file, 0, to, "%PDF-") < to;
}

static void skip_space(struct ch_bytes file, size_t *at)
{
    while (*at < file.n && is_space(file.p[*at]))
        ++*at;
}

static bool read_char(struct ch_bytes file, size_t *at, char c)
{
    skip_space(file, at);
    if (*at >= file.n || file.p[*at] != (unsigned char)c)
        return false;
    ++*at;
    return true;
}

/* Reads a number of at most ten digits. */
static bool read_number(struct ch_bytes file, size_t *at, size_t *out)
{
    size_t digits = 0;

    skip_space(file, at);
    for (*out = 0; *at < file.n && file.p[*at] >= '0' && file.p[*at] <= '9' && digits <= 10; ++*at, digits++)
        *out = *out * 10 + (size_t)(file.p[*at] - '0');
    return digits > 0 && digits <= 10;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes the hole in the range. It must be one string of digits and nothing else, as anything more in it would be unsigned. */
static bool decode_hole(struct ch_arena *a, struct ch_bytes file, struct ch_pdf_signature *s)
{
    size_t digits = s->after - s->hole - 2;
    unsigned char *out;

    if (file.p[s->hole] != '<' || file.p[s->after - 1] != '>' || digits == 0 || digits % 2 != 0 || digits / 2 > CMS_MAX)
        return false;
    out = ch_alloc(a, digits / 2);
    for (size_t i = 0; i < digits; i += 2) {
        int high = hex_value(file.p[s->hole + 1 + i]), low = hex_value(file.p[s->hole + 2 + i]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    s->cms = CH_BYTES(out, digits / 2);
    return true;
}

/* Whether the hole is the value of /Contents. */
static bool is_contents(struct ch_bytes file, size_t hole)
{
    static const char key[] = "/Contents";

    while (hole > 0 && is_space(file.p[hole - 1]))
        hole--;
    return hole >= sizeof key - 1 && memcmp(file.p + hole - (sizeof key - 1), key, sizeof key - 1) == 0;
}

/* Whether /ByteRange and its hole are in one object, and /ByteRange itself is signed. */
static bool is_beside_hole(struct ch_bytes file, const struct ch_pdf_signature *s, size_t range_at, size_t range_end)
{
    size_t from = range_at < s->hole ? range_at : s->after, to = range_at < s->hole ? s->hole : range_at;

    return from <= to && range_end <= s->end && (range_at >= s->after || range_end <= s->hole) &&
           find_word(file, from, to, "endobj") == to;
}

/* Reads the array behind /ByteRange, as in "[ 0 840 960 240 ]", and what it covers; *at moves behind it. */
static bool read_signature(struct ch_arena *a, struct ch_bytes file, size_t *at, struct ch_pdf_signature *s)
{
    size_t r[4], start = *at;
    bool good = read_char(file, at, '[');

    for (size_t i = 0; i < 4; i++)
        good = good && read_number(file, at, &r[i]);
    if (!good || !read_char(file, at, ']'))
        return false;
    *s = (struct ch_pdf_signature){.hole = r[1], .after = r[2], .end = r[2] + r[3]};
    s->sound = r[0] == 0 && r[3] > 0 && r[2] <= file.n && s->end <= file.n && s->hole + 2 < s->after &&
               is_contents(file, s->hole) && is_beside_hole(file, s, start, *at) && decode_hole(a, file, s);
    return true;
}

static int by_end(const void *x, const void *y)
{
    size_t left = ((const struct ch_pdf_signature *)x)->end, right = ((const struct ch_pdf_signature *)y)->end;
    return left < right ? -1 : left > right;
}

size_t ch_pdf_signatures(struct ch_arena *a, struct ch_bytes file, struct ch_pdf_signature out[CH_PDF_SIGNATURES])
{
    static const char key[] = "/ByteRange";
    size_t n = 0;

    for (size_t at = find_word(file, 0, file.n, key); at < file.n && n < CH_PDF_SIGNATURES;
         at = find_word(file, at, file.n, key)) {
        at += sizeof key - 1;
        n += read_signature(a, file, &at, &out[n]);
    }
    qsort(out, n, sizeof *out, by_end);
    return n;
}

struct ch_bytes ch_pdf_signed(struct ch_arena *a, struct ch_bytes file, const struct ch_pdf_signature *s)
{
    size_t behind = s->end - s->after;
    unsigned char *p = ch_alloc(a, s->hole + behind);

    memcpy(p, file.p, s->hole);
    memcpy(p + s->hole, file.p + s->after, behind);
    return CH_BYTES(p, s->hole + behind);
}
