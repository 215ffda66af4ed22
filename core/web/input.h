/* SPDX-License-Identifier: Apache-2.0
 * Reads a JSON body into a plain struct by a table of typed fields.
 *
 * Absent, null and invalid members are told apart; unknown and duplicate keys are refused; all wrong fields are reported at
 * once, each with its JSON pointer. Every string, also in an object that is checked elsewhere, is brought into normalization
 * form C and may only have the characters of core/base/text.h. The macros do not compile if the member of the struct has
 * another C type than the row.
 *
 *     struct login_in { const char *phone, *code; };
 *     static const struct ch_field login_fields[] = {
 *         CH_IN_TEXT(struct login_in, phone, CH_REQUIRED, 11, 11, ch_rule_mobile),
 *         CH_IN_TEXT(struct login_in, code, CH_REQUIRED, 6, 6, NULL),
 *     };
 *     static const struct ch_input login_body = CH_INPUT(struct login_in, login_fields); */
#ifndef CH_WEB_INPUT_H
#define CH_WEB_INPUT_H

#include "core/json/json.h"
#include "core/web/request.h"

enum ch_field_kind { CH_FIELD_TEXT, CH_FIELD_INT, CH_FIELD_BOOL, CH_FIELD_MAYBE, CH_FIELD_OBJECT, CH_FIELD_LIST };
enum { CH_OPTIONAL = 0, CH_REQUIRED = 1 };

/* An optional boolean; CH_UNSAID when it is absent. */
enum ch_maybe { CH_UNSAID = 0, CH_NO, CH_YES };

/* Returns NULL when the text obeys the rule, otherwise a sentence that says what is wrong. */
typedef const char *ch_rule(const char *text);

struct ch_field {
    const char *name;
    enum ch_field_kind kind;
    size_t offset;
    bool required;
    int64_t min, max;            /* of the code points of a text, the value of an integer, or the elements of a list */
    ch_rule *rule;               /* for texts, or NULL */
    const struct ch_input *item; /* table of the elements of a list */
};

struct ch_input {
    size_t size;
    const struct ch_field *fields;
    size_t n;
};

/* A list of structs, in the order of the body. */
struct ch_list {
    const void *items;
    size_t n;
};

// clang-format off
#define CH_MEMBER_IS(T, m, type) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((T *)0)->m), type) ? 1 : -1]))
#define CH_IN_TEXT(T, m, req, lo, hi, rule_) \
    {#m, CH_FIELD_TEXT, offsetof(T, m) + CH_MEMBER_IS(T, m, const char *), (req), (lo), (hi), (rule_), NULL}
/* 0 when it is absent. */
#define CH_IN_INT(T, m, req, lo, hi) \
    {#m, CH_FIELD_INT, offsetof(T, m) + CH_MEMBER_IS(T, m, int64_t), (req), (lo), (hi), NULL, NULL}
#define CH_IN_BOOL(T, m, req) {#m, CH_FIELD_BOOL, offsetof(T, m) + CH_MEMBER_IS(T, m, bool), (req), 0, 0, NULL, NULL}
#define CH_IN_MAYBE(T, m) \
    {#m, CH_FIELD_MAYBE, offsetof(T, m) + CH_MEMBER_IS(T, m, enum ch_maybe), CH_OPTIONAL, 0, 0, NULL, NULL}
/* An object that is taken as it is and checked elsewhere (the application form). */
#define CH_IN_OBJECT(T, m, req) \
    {#m, CH_FIELD_OBJECT, offsetof(T, m) + CH_MEMBER_IS(T, m, const struct ch_json *), (req), 0, 0, NULL, NULL}
#define CH_IN_LIST(T, m, req, lo, hi, item_) \
    {#m, CH_FIELD_LIST, offsetof(T, m) + CH_MEMBER_IS(T, m, struct ch_list), (req), (lo), (hi), NULL, (item_)}
#define CH_INPUT(T, table) {sizeof(T), (table), CH_COUNT(table)}
/* The same body without the last field of the table. */
#define CH_INPUT_BUT_LAST(T, table) {sizeof(T), (table), CH_COUNT(table) - 1}
// clang-format on

/* Parses r->raw by the table into a new struct, r->in. CH_E_MALFORMED when it is not a JSON object; CH_E_INVALID when fields are
 * wrong, each of which is noted with ch_wrong. */
enum ch_err ch_input_parse(struct ch_req *r, const struct ch_input *spec) CH_MUST;

#endif
