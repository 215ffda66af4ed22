/* SPDX-License-Identifier: Apache-2.0
 * The tables of the checks and of the advice for operators. */
#include "programs/gateway/gateway.h"

#include <string.h>

const struct gateway_row gateway_rows[CH_V__COUNT] = {
#define CH_CHECK(vendor, run, good, does) [vendor] = {vendor, run, good, does},
#include "core/gateway/vendor_all.tbl"
};

static const struct {
    enum ch_vendor vendor;
    const char *code, *words;
} advice[] = {
#define CH_ADVICE(vendor, code, words) {vendor, code, words},
#include "core/gateway/vendor_all.tbl"
};

const char *gateway_advice(enum ch_vendor v, const struct ch_answer *answer)
{
    const char *words = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < CH_COUNT(advice); i++) {
        size_t n = strlen(advice[i].code);
        if ((advice[i].vendor != v && advice[i].vendor != CH_V__COUNT) || strncmp(answer->code, advice[i].code, n) != 0)
            continue;
        if (words == NULL || n > longest || (n == longest && advice[i].vendor == v)) {
            words = advice[i].words;
            longest = n;
        }
    }
    return words;
}
