/* SPDX-License-Identifier: Apache-2.0
 * A JSON reader, which makes a tree in an arena by yajl's SAX parser, and a writer.
 *
 * The reader refuses more than CH_JSON_MAX_DEPTH levels, objects with more than 1000 members, duplicate keys, text that is not
 * well-formed UTF-8, U+0000 in a string (so that strings are C strings), trailing bytes, and comments. Numbers keep their text
 * and are only read as integers. */
#ifndef CH_JSON_JSON_H
#define CH_JSON_JSON_H

#include "core/base/arena.h"
#include "core/base/buf.h"

enum ch_json_kind { CH_JSON_NULL, CH_JSON_BOOL, CH_JSON_NUMBER, CH_JSON_STRING, CH_JSON_ARRAY, CH_JSON_OBJECT };

struct ch_json {
    enum ch_json_kind kind;
    const char *key;       /* name in the parent object, otherwise NULL */
    const char *text;      /* of a string, decoded, or of a number, as written */
    bool truth;            /* value of a boolean */
    size_t count;          /* members or elements */
    struct ch_json *first; /* first member or element, in the order written */
    struct ch_json *next;  /* next sibling */
};

enum ch_json_error { CH_JSON_OK, CH_JSON_SYNTAX, CH_JSON_DEPTH, CH_JSON_DUPLICATE };

#define CH_JSON_MAX_DEPTH 8

/* On success *out is the root, valid as long as the arena. On CH_JSON_DUPLICATE *bad_key is the key; bad_key may be NULL. */
enum ch_json_error ch_json_parse(struct ch_arena *a, struct ch_bytes text, struct ch_json **out, const char **bad_key) CH_MUST;

/* The member with that name, or NULL; also NULL when `obj` is NULL or not an object, so that look-ups can be chained. */
const struct ch_json *ch_json_get(const struct ch_json *obj, const char *key);
/* The first element of an array member, or the first member of an object member; NULL when there is none. */
const struct ch_json *ch_json_first(const struct ch_json *obj, const char *key);
/* The text of a string member, or NULL. */
const char *ch_json_text(const struct ch_json *obj, const char *key);
/* The value of an integer member; false when it is absent, not an integer, or outside int64. */
bool ch_json_int(const struct ch_json *obj, const char *key, int64_t *out) CH_MUST;
/* Reads a number node as an integer. */
bool ch_json_node_int(const struct ch_json *node, int64_t *out) CH_MUST;

/* The writer. It takes care of commas and nesting; closing more levels than are open, or leaving one open, ends the process. */
struct ch_jw {
    struct ch_buf out;
    unsigned depth;
    bool comma;
};

void ch_jw_init(struct ch_jw *w, struct ch_arena *a);
void ch_jw_object(struct ch_jw *w, const char *key); /* key NULL at top level or inside an array */
void ch_jw_array(struct ch_jw *w, const char *key);
void ch_jw_end_object(struct ch_jw *w);
void ch_jw_end_array(struct ch_jw *w);
void ch_jw_text(struct ch_jw *w, const char *key, const char *value); /* NULL writes null */
void ch_jw_int(struct ch_jw *w, const char *key, int64_t value);
void ch_jw_bool(struct ch_jw *w, const char *key, bool value);
void ch_jw_null(struct ch_jw *w, const char *key);
/* Writes JSON text as it is, for example from PostgreSQL; NULL writes null. */
void ch_jw_raw(struct ch_jw *w, const char *key, const char *json);
/* Writes the members of an object that is such a text among the members of the open one; NULL writes none. A text that is no
 * object ends the process. */
void ch_jw_members(struct ch_jw *w, const char *json);
/* Writes a node that was read. */
void ch_jw_node(struct ch_jw *w, const char *key, const struct ch_json *node);
/* The finished text, which the arena owns; every object and array must be closed. */
char *ch_jw_done(struct ch_jw *w);

#endif
