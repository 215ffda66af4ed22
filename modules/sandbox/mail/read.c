/* SPDX-License-Identifier: Apache-2.0
 * Reading a message: its header, its parts, and their encodings. */
#include "modules/sandbox/mail/read.h"

#include "core/base/buf.h"
#include "core/base/codec.h"

#include <string.h>
#include <strings.h>

#define MAX_DEPTH 4
#define MAX_PARTS 50
#define SPACE " \t\r\n"

/* A message or a part of one: header and body. */
struct entity {
    struct ch_bytes header, body;
};

static struct entity split_entity(struct ch_bytes raw)
{
    if (raw.n >= 2 && memcmp(raw.p, "\r\n", 2) == 0)
        return (struct entity){{raw.p, 0}, {raw.p + 2, raw.n - 2}};
    const unsigned char *end = raw.n > 0 ? memmem(raw.p, raw.n, "\r\n\r\n", 4) : NULL;
    size_t n = end != NULL ? (size_t)(end - raw.p) + 2 : raw.n;
    return (struct entity){{raw.p, n}, {raw.p + n + (end != NULL ? 2 : 0), raw.n - n - (end != NULL ? 2 : 0)}};
}

/* The next field with its folded lines, without its last line end; false at the end of the header. */
static bool next_field(struct ch_bytes *rest, struct ch_bytes *field)
{
    size_t n = 0;

    if (rest->n == 0)
        return false;
    do {
        const unsigned char *end = memmem(rest->p + n, rest->n - n, "\r\n", 2);
        n = end != NULL ? (size_t)(end - rest->p) + 2 : rest->n;
    } while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'));
    *field = (struct ch_bytes){rest->p, n >= 2 && rest->p[n - 1] == '\n' ? n - 2 : n};
    *rest = (struct ch_bytes){rest->p + n, rest->n - n};
    return true;
}

static size_t name_length(struct ch_bytes field)
{
    size_t n = 0;
    while (n < field.n && field.p[n] > ' ' && field.p[n] < 127 && field.p[n] != ':')
        n++;
    return n < field.n && field.p[n] == ':' ? n : 0;
}

/* The unfolded value of the first field of that name; NULL when there is none. *count is the number of such fields. */
static char *field_value(struct ch_arena *a, struct ch_bytes header, const char *name, int *count)
{
    struct ch_bytes field;
    char *found = NULL;

    *count = 0;
    while (next_field(&header, &field)) {
        size_t n = name_length(field);
        if (n != strlen(name) || strncasecmp((const char *)field.p, name, n) != 0 || ++*count > 1)
            continue;
        found = ch_strndup(a, field.p + n + 1, field.n - n - 1);
        char *to = found;
        for (const char *p = found; *p != '\0'; p++)
            if (*p != '\r' && *p != '\n')
                *to++ = *p;
        *to = '\0';
        found += strspn(found, SPACE);
    }
    return found;
}

static const char *field_or_empty(struct ch_arena *a, struct ch_bytes header, const char *name)
{
    int count;
    const char *v = field_value(a, header, name, &count);
    return v != NULL ? v : "";
}

const char *mail_read_fault(struct ch_arena *a, struct ch_bytes raw)
{
    static const char *const wanted[] = {"Date", "From", "Message-ID"};
    struct ch_bytes header = split_entity(raw).header, rest = header, field;
    int count;

    while (next_field(&rest, &field)) {
        if (name_length(field) == 0)
            return "A line of the header is no field";
        for (size_t i = 0; i < field.n; i++)
            if (field.p[i] >= 127)
                return "The header is not ASCII";
    }
    for (size_t i = 0; i < CH_COUNT(wanted); i++)
        if (field_value(a, header, wanted[i], &count) == NULL || count != 1)
            return ch_printf(a, "One field %s is wanted", wanted[i]);
    return NULL;
}

static struct ch_bytes unquote_printable(struct ch_arena *a, const char *s, size_t n, bool in_word)
{
    struct ch_buf b;
    struct ch_bytes byte;

    ch_buf_init(&b, a);
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '=' && i + 2 < n && s[i + 1] == '\r' && s[i + 2] == '\n') {
            i += 2; /* a line that goes on */
        } else if (s[i] == '=' && i + 2 < n && ch_unhex(a, ch_strndup(a, s + i + 1, 2), &byte)) {
            ch_buf_add(&b, byte.p, byte.n);
            i += 2;
        } else {
            ch_buf_putc(&b, in_word && s[i] == '_' ? ' ' : s[i]);
        }
    }
    return ch_buf_bytes(&b);
}

static bool unbase64_lines(struct ch_arena *a, struct ch_bytes in, struct ch_bytes *out)
{
    char *s = ch_strndup(a, in.p, in.n), *to = s;

    for (const char *p = s; *p != '\0'; p++)
        if (strchr(SPACE, *p) == NULL)
            *to++ = *p;
    *to = '\0';
    return ch_unbase64(a, s, out);
}

static char *utf8_or_empty(struct ch_arena *a, struct ch_bytes b)
{
    size_t points;
    return ch_utf8((const char *)b.p, b.n, &points) ? ch_strndup(a, b.p, b.n) : ch_strdup(a, "");
}

/* Reads the encoded word at `s`; *end is the text after it. False when there is none. Only UTF-8 is supported. */
static bool read_encoded_word(struct ch_arena *a, const char *s, struct ch_bytes *out, const char **end)
{
    static const char begin[] = "=?utf-8?";
    const char *text = s + sizeof begin + 1;

    if (strncasecmp(s, begin, sizeof begin - 1) != 0 || strchr("BbQq", s[sizeof begin - 1]) == NULL ||
        s[sizeof begin - 1] == '\0' || s[sizeof begin] != '?')
        return false;
    const char *close = strstr(text, "?=");
    if (close == NULL)
        return false;
    *end = close + 2;
    if (strchr("Qq", s[sizeof begin - 1]) != NULL) {
        *out = unquote_printable(a, text, (size_t)(close - text), true);
        return true;
    }
    return ch_unbase64(a, ch_strndup(a, text, (size_t)(close - text)), out);
}

char *mail_read_words(struct ch_arena *a, const char *value)
{
    struct ch_buf b;
    bool after_word = false;

    ch_buf_init(&b, a);
    while (*value != '\0') {
        const char *end, *word = value + strspn(value, SPACE);
        struct ch_bytes bytes;
        if (read_encoded_word(a, word, &bytes, &end)) {
            if (!after_word) /* white space between two encoded words is dropped */
                ch_buf_add(&b, value, (size_t)(word - value));
            ch_buf_add(&b, bytes.p, bytes.n);
            value = end;
            after_word = true;
        } else {
            size_t n = (size_t)(word - value) + 1;
            ch_buf_add(&b, value, word[0] != '\0' ? n : n - 1);
            value = word[0] != '\0' ? word + 1 : word;
            after_word = false;
        }
    }
    return utf8_or_empty(a, ch_buf_bytes(&b));
}

/* A parameter of a Content-Type without its quotes; NULL when it is missing. */
static char *find_parameter(struct ch_arena *a, const char *value, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = strchr(value, ';'); p != NULL; p = strchr(p, ';')) {
        p++;
        p += strspn(p, SPACE);
        if (strncasecmp(p, name, n) != 0 || p[n] != '=')
            continue;
        p += n + 1;
        return *p == '"' ? ch_strndup(a, p + 1, strcspn(p + 1, "\"")) : ch_strndup(a, p, strcspn(p, ";" SPACE));
    }
    return NULL;
}

static struct ch_bytes decode_body(struct ch_arena *a, const struct entity *e)
{
    const char *encoding = field_or_empty(a, e->header, "Content-Transfer-Encoding");
    struct ch_bytes out = e->body;

    if (strncasecmp(encoding, "quoted-printable", 16) == 0)
        return unquote_printable(a, (const char *)e->body.p, e->body.n, false);
    if (strncasecmp(encoding, "base64", 6) == 0 && !unbase64_lines(a, e->body, &out))
        return CH_LIT("");
    return out;
}

/* Finds the first delimiter line "--boundary" at or after `from`; *after is where the line ends. */
static const unsigned char *find_delimiter(struct ch_bytes body, size_t from, const char *line, size_t *after)
{
    size_t n = strlen(line);

    while (from < body.n) {
        const unsigned char *p = memmem(body.p + from, body.n - from, line, n);
        if (p == NULL)
            return NULL;
        size_t at = (size_t)(p - body.p);
        if (at == 0 || (at >= 2 && memcmp(p - 2, "\r\n", 2) == 0)) {
            const unsigned char *end = memmem(p, body.n - at, "\r\n", 2);
            *after = end != NULL ? (size_t)(end - body.p) + 2 : body.n;
            return p;
        }
        from = at + n;
    }
    return NULL;
}

static const char *find_text(struct ch_arena *a, struct ch_bytes raw, int depth);

static const char *find_text_in_parts(struct ch_arena *a, struct ch_bytes body, const char *boundary, int depth)
{
    const char *line = ch_printf(a, "--%s", boundary), *found = NULL;
    size_t begin = 0, next = 0;
    const unsigned char *p = find_delimiter(body, 0, line, &begin);

    for (int i = 0; i < MAX_PARTS && p != NULL && found == NULL; i++, begin = next) {
        p = find_delimiter(body, begin, line, &next);
        size_t end = p != NULL ? (size_t)(p - body.p) : body.n;
        end -= end >= begin + 2 ? 2 : 0; /* the line end before a delimiter belongs to it */
        found = find_text(a, CH_BYTES(body.p + begin, end > begin ? end - begin : 0), depth + 1);
    }
    return found;
}

/* The text of the first text/plain part that is not an attachment; NULL when there is none. */
static const char *find_text(struct ch_arena *a, struct ch_bytes raw, int depth)
{
    struct entity e = split_entity(raw);
    const char *type = field_or_empty(a, e.header, "Content-Type");
    const char *disposition = field_or_empty(a, e.header, "Content-Disposition");
    const char *boundary = find_parameter(a, type, "boundary");

    if (strncasecmp(type, "multipart/", 10) == 0) {
        bool divided = boundary != NULL && *boundary != '\0' && depth < MAX_DEPTH;
        return divided ? find_text_in_parts(a, e.body, boundary, depth) : NULL;
    }
    if ((*type != '\0' && strncasecmp(type, "text/plain", 10) != 0) || strncasecmp(disposition, "attachment", 10) == 0)
        return NULL;
    return utf8_or_empty(a, decode_body(a, &e));
}

struct mail_view mail_read(struct ch_arena *a, struct ch_bytes raw)
{
    struct ch_bytes header = split_entity(raw).header;
    const char *text = find_text(a, raw, 0);

    return (struct mail_view){
        .from = mail_read_words(a, field_or_empty(a, header, "From")),
        .subject = mail_read_words(a, field_or_empty(a, header, "Subject")),
        .message_id = mail_read_words(a, field_or_empty(a, header, "Message-ID")),
        .text = text != NULL ? text : "",
    };
}
