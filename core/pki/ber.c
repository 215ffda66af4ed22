/* SPDX-License-Identifier: Apache-2.0
 * Converts BER to definite lengths in two passes: measure() computes the new length of an element, rewrite() writes it. */
#include "core/pki/ber.h"

#include "core/base/buf.h"

#define DEPTH_MAX 24
#define BUDGET_MAX 1000000 /* elements measured; each is measured again for every level above it */
#define CONSTRUCTED 0x20
#define OCTETS 0x04
#define HIGH_TAG 0x1f

/* The header of an element. */
struct head {
    unsigned char tag; /* none of the structures that are read here has a high tag number */
    bool open;         /* of indefinite length */
    size_t header, content;
};

static bool read_head(struct ch_bytes in, struct head *out)
{
    *out = (struct head){.tag = in.n > 0 ? in.p[0] : 0, .header = 2};
    if (in.n < 2 || (out->tag & HIGH_TAG) == HIGH_TAG)
        return false;
    size_t first = in.p[1], bytes = first & 0x7f;
    if (first < 0x80)
        out->content = first;
    else if (bytes == 0)
        out->open = true;
    else if (bytes > 4 || in.n < 2 + bytes)
        return false;
    else
        for (out->header += bytes; bytes > 0; bytes--)
            out->content = out->content << 8 | in.p[out->header - bytes];
    if (out->open)
        return (out->tag & CONSTRUCTED) != 0;
    return out->content <= in.n - out->header;
}

static bool at_end_of_contents(struct ch_bytes rest)
{
    return rest.n >= 2 && rest.p[0] == 0 && rest.p[1] == 0;
}

/* An octet string that is split into segments. With an implicit tag it cannot be told from a structure; such elements are
 * left as they are. */
static bool is_segmented(unsigned char tag)
{
    return tag == (OCTETS | CONSTRUCTED);
}

/* An element as it stands, and its measures after the conversion. */
struct shape {
    struct head head;
    size_t length;  /* of the whole element as it stands */
    size_t content; /* after the conversion, without the header */
    bool change;    /* the conversion changes the element */
};

static size_t length_bytes(size_t n)
{
    return n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x1000000 ? 3 : 4;
}

static size_t definite_length(const struct shape *s)
{
    return s->change ? 2 + length_bytes(s->content) + s->content : s->length;
}

/* Measures the element that `in` begins with, and those inside it. */
static bool measure(struct ch_bytes in, unsigned depth, size_t *budget, struct shape *out)
{
    const struct head *h = &out->head;
    struct shape part;

    *out = (struct shape){0};
    if (depth == DEPTH_MAX || *budget == 0 || !read_head(in, &out->head))
        return false;
    --*budget;
    bool segments = is_segmented(h->tag);
    out->change = h->open || segments;
    if ((h->tag & CONSTRUCTED) == 0) {
        out->content = h->content;
        out->length = h->header + h->content;
        return true;
    }
    struct ch_bytes rest = CH_BYTES(in.p + h->header, h->open ? in.n - h->header : h->content);
    while (h->open ? !at_end_of_contents(rest) : rest.n > 0) {
        if (!measure(rest, depth + 1, budget, &part) || (segments && (part.head.tag & ~CONSTRUCTED) != OCTETS))
            return false;
        out->content += segments ? part.content : definite_length(&part);
        out->change = out->change || part.change;
        rest = CH_BYTES(rest.p + part.length, rest.n - part.length);
    }
    out->length = (size_t)(rest.p - in.p) + (h->open ? 2 : 0);
    return true;
}

static void append_head(struct ch_buf *out, unsigned char tag, size_t n)
{
    size_t bytes = length_bytes(n);

    ch_buf_putc(out, (char)tag);
    ch_buf_putc(out, (char)(bytes == 0 ? n : 0x80 | bytes));
    for (size_t i = bytes; i > 0; i--)
        ch_buf_putc(out, (char)(n >> (8 * (i - 1))));
}

/* Appends the converted element, or only its content when it is a segment of a string. */
static bool rewrite(struct ch_bytes in, bool segment, size_t *budget, struct ch_buf *out)
{
    struct shape s;

    if (!measure(in, 0, budget, &s))
        return false;
    struct ch_bytes content = CH_BYTES(in.p + s.head.header, s.length - s.head.header - (s.head.open ? 2 : 0));
    if (!s.change) {
        ch_buf_add(out, segment ? content.p : in.p, segment ? content.n : s.length);
        return true;
    }
    if (!segment)
        append_head(out, is_segmented(s.head.tag) ? OCTETS : s.head.tag, s.content);
    while (content.n > 0) {
        struct shape part;
        if (!measure(content, 0, budget, &part) ||
            !rewrite(CH_BYTES(content.p, part.length), is_segmented(s.head.tag), budget, out))
            return false;
        content = CH_BYTES(content.p + part.length, content.n - part.length);
    }
    return true;
}

bool ch_ber_definite(struct ch_arena *a, struct ch_bytes *in, struct ch_bytes *out)
{
    size_t budget = BUDGET_MAX;
    struct ch_buf whole;
    struct shape s;

    if (!measure(*in, 0, &budget, &s))
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
