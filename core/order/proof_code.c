/* SPDX-License-Identifier: Apache-2.0
 * Makes the codes of transfers that prove who somebody is, and finds them in remarks. */
#include "core/order/proof_code.h"

#include "core/base/random.h"
#include "core/base/text.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; /* without I, O, 0 and 1 */

char *ch_proof_code_make(struct ch_arena *a)
{
    return ch_random_text(a, alphabet, CH_PROOF_CODE_LENGTH);
}

/* The capital letters and digits of a text, without anything between them. */
static char *letters_of(struct ch_arena *a, const char *text)
{
    char *out = ch_text_folded(a, text), *to = out;

    for (const char *s = out; *s != '\0'; s++)
        if ((*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9'))
            *to++ = *s;
    *to = '\0';
    return out;
}

const char *ch_proof_codes_in(struct ch_arena *a, const char *remark)
{
    const char *letters = letters_of(a, remark);
    size_t n = strlen(letters);
    char *out = ch_alloc(a, n * (CH_PROOF_CODE_LENGTH + 1) + 3), *to = out;

    *to++ = '{';
    for (size_t i = 0; i + CH_PROOF_CODE_LENGTH <= n; i++) {
        if (strspn(letters + i, alphabet) < CH_PROOF_CODE_LENGTH)
            continue;
        if (to > out + 1)
            *to++ = ',';
        memcpy(to, letters + i, CH_PROOF_CODE_LENGTH);
        to += CH_PROOF_CODE_LENGTH;
    }
    *to++ = '}';
    *to = '\0';
    return out;
}
