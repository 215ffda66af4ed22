/* SPDX-License-Identifier: Apache-2.0
 * The tables of the checks and of the advice for operators. */
#include "programs/gateway/gateway.h"

#include <string.h>

const struct gateway_row gateway_rows[CH_V__COUNT] = {
#define CHECK(vendor, run, good, does) [vendor] = {vendor, run, good, does},
#include "programs/gateway/checks.tbl"
#undef CHECK
};

static const struct {
    enum ch_vendor vendor;
    const char *code, *words;
} advice[] = {
#define ADVICE(vendor, code, words) {vendor, code, words},
#include "programs/gateway/advice.tbl"
#undef ADVICE
};

const char *gateway_advice(enum ch_vendor v, const struct ch_answer *answer)
{
    for (size_t i = 0; i < CH_COUNT(advice); i++)
        if ((advice[i].vendor == v || advice[i].vendor == CH_V__COUNT) &&
            strncmp(answer->code, advice[i].code, strlen(advice[i].code)) == 0)
            return advice[i].words;
    return NULL;
}
