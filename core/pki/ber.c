/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pki/ber.h"

#include "core/base/buf.h"

#define DEPTH_MAX 24
#define LOOKS_MAX 1000000 /* elements looked at, each once for every level above it */
#define CONSTRUCTED 0x20
#define OCTETS 0x04
#define HIGH_TAG 0x1f

/* The header of an element. */
struct head {
    unsigned char tag; /* high tag numbers are in none of the structures that are read here */
    bool open;         /* of indefinite length */
    size_t header, content;
};

static bool read_length(struct ch_bytes in, struct head *out)
{
    size_t first = in.p[1], bytes = first & 0x7f;

    out->header = 2;
    if (first < 0x80)
        out->content = first;
    else if (bytes == 0)
        out->open = true;
    else if (bytes > 4 || in.n < 2 + bytes)
        return false;
    else
        for (out->header += bytes; bytes > 0; bytes--)
            out->content = out->content << 8 | in.p[out->header - bytes];
    return true;
}

static bool read_head(struct ch_bytes in, struct head *out)
{
    *out = (struct head){.tag = in.n > 0 ? in.p[0] : 0};
    if (in.n < 2 || (out->tag & HIGH_TAG) == HIGH_TAG || !read_length(in, out))
        return false;
    if (out->open)
        return (out->tag & CONSTRUCTED) != 0;
    return out->content <= in.n - out->header;
}

static bool at_end_of_contents(struct ch_bytes rest)
{
    return rest.n >= 2 && rest.p[0] == 0 && rest.p[1] == 0;
}

/* A universal octet string in pieces. Under an implicit tag nothing tells it from a structure; those are left alone. */
static bool in_pieces(unsigned char tag)
{
    return tag == (OCTETS | CONSTRUCTED);
}

/* What an element is and would become. */
struct shape {
    struct head head;
    size_t length;  /* as it stands, all of it */
    size_t content; /* when it is made definite, without its header */
    bool change;    /* it is not definite already */
};

static size_t length_bytes(size_t n)
{
    return n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x1000000 ? 3 : 4;
}

static size_t definite_length(const struct shape *s)
{
    return s->change ? 2 + length_bytes(s->content) + s->content : s->length;
}

static bool look(struct ch_bytes in, unsigned depth, size_t *budget, struct shape *out);

/* The elements inside of a constructed one. */
static bool look_inside(struct ch_bytes in, unsigned depth, size_t *budget, struct shape *out)
{
    const struct head *h = &out->head;
    struct ch_bytes rest = CH_BYTES(in.p + h->header, h->open ? in.n - h->header : h->content);
    bool pieces = in_pieces(h->tag);
    struct shape part;

    out->content = 0;
    while (h->open ? !at_end_of_contents(rest) : rest.n > 0) {
        if (!look(rest, depth + 1, budget, &part) || (pieces && (part.head.tag & ~CONSTRUCTED) != OCTETS))
            return false;
        out->content += pieces ? part.content : definite_length(&part);
        out->change = out->change || part.change;
        rest = CH_BYTES(rest.p + part.length, rest.n - part.length);
    }
    out->length = (size_t)(rest.p - in.p) + (h->open ? 2 : 0);
    return true;
}

static bool look(struct ch_bytes in, unsigned depth, size_t *budget, struct shape *out)
{
    *out = (struct shape){0};
    if (depth == DEPTH_MAX || *budget == 0 || !read_head(in, &out->head))
        return false;
    --*budget;
    out->change = out->head.open || in_pieces(out->head.tag);
    out->content = out->head.content;
    out->length = out->head.header + out->head.content;
    return (out->head.tag & CONSTRUCTED) == 0 || look_inside(in, depth, budget, out);
}

static void put_head(struct ch_buf *out, unsigned char tag, size_t n)
{
    size_t bytes = length_bytes(n);

    ch_buf_putc(out, (char)tag);
    ch_buf_putc(out, (char)(bytes == 0 ? n : 0x80 | bytes));
    for (size_t i = bytes; i > 0; i--)
        ch_buf_putc(out, (char)(n >> (8 * (i - 1))));
}

/* Appends the element definite; of a piece of a string, only what it holds. */
static bool rewrite(struct ch_bytes in, bool piece, size_t *budget, struct ch_buf *out)
{
    struct shape s;

    if (!look(in, 0, budget, &s))
        return false;
    struct ch_bytes content = CH_BYTES(in.p + s.head.header, s.length - s.head.header - (s.head.open ? 2 : 0));
    if (!s.change) {
        ch_buf_add(out, piece ? content.p : in.p, piece ? content.n : s.length);
        return true;
    }
    if (!piece)
        put_head(out, in_pieces(s.head.tag) ? OCTETS : s.head.tag, s.content);
    while (content.n > 0) {
        struct shape part;
        if (!look(content, 0, budget, &part) ||
            !rewrite(CH_BYTES(content.p, part.length), in_pieces(s.head.tag), budget, out))
            return false;
        content = CH_BYTES(content.p + part.length, content.n - part.length);
    }
    return true;
}

bool ch_ber_definite(struct ch_arena *a, struct ch_bytes *in, struct ch_bytes *out)
{
    size_t budget = LOOKS_MAX;
    struct ch_buf whole;
    struct shape s;

    if (!look(*in, 0, &budget, &s))
        return false;
    *out = CH_BYTES(in->p, s.length);
    *in = CH_BYTES(in->p + s.length, in->n - s.length);
    if (!s.change)
        return true;
    ch_buf_init(&whole, a);
    if (!rewrite(*out, false, &budget, &whole))
        return false;
    *out = ch_buf_bytes(&whole);
    return true;
}
