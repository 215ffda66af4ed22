/* SPDX-License-Identifier: Apache-2.0
 * The search of the workbench: one box for whatever somebody on the telephone has at hand. What is typed is in the request's body,
 * since it may be a telephone or ID number; such a number is found by its keyed hash. */
#include "modules/review/review.h"

#include "core/base/text.h"
#include "core/form/rule.h"

#include <string.h>

enum { MOST = 50 };

struct search_in {
    const char *typed;
};

static const struct ch_field search_fields[] = {
    CH_IN_TEXT(struct search_in, typed, CH_REQUIRED, 2, 100, NULL),
};
const struct ch_input review_search_body = CH_INPUT(struct search_in, search_fields);

/* A number as it was typed or copied, in capitals of half width and without the blanks, colons and hyphens between its parts; NULL: no
 * number. */
static const char *number_of(struct ch_arena *a, const char *typed)
{
    const char *bare = ch_serial_bare(a, ch_text_folded(a, typed));
    bool number =
        strspn(bare, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(bare) && strpbrk(bare, "0123456789") != NULL;

    return number ? bare : NULL;
}

/* The keyed hash of a number that keeps the rule. */
static struct ch_param hash_if(struct ch_req *r, const char *field, const char *number, const char *(*rule)(const char *))
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);

    if (number == NULL || rule(number) != NULL)
        return ch_p_null();
    ch_blind(ch_ring(), field, number, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

enum ch_err review_search(struct ch_req *r)
{
    const struct search_in *in = r->in;
    const char *number = number_of(r->a, in->typed), *out;
    enum ch_err e =
        ch_run_text(r,
                    CH_CALL(&review_search_rows, ch_p_text(in->typed), ch_p_text(number),
                            hash_if(r, "phone", number, ch_rule_mobile), hash_if(r, "unit_code", number, ch_rule_uscc),
                            hash_if(r, "person_id", number, ch_rule_idcard), ch_p_int(r->a, MOST)),
                    &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
