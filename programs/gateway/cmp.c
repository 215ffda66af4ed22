/* SPDX-License-Identifier: Apache-2.0
 * The check of external CAs over CMP. */
#include "programs/gateway/gateway.h"

#include "core/gateway/cmp/cmp.h"

/* Tries the CA that the command line names, or all of them until one does not answer correctly. */
enum ch_err check_cmp(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    const char *const one[] = {argument, NULL};
    const char *const *names = argument != NULL ? one : ch_cmp_names(a);
    struct ch_cmp ca;
    enum ch_err e = CH_OK;

    *answer = (struct ch_answer){CH_ACCEPTED, "none", "no external authority is set up", ""};
    for (size_t i = 0; e == CH_OK && answer->outcome == CH_ACCEPTED && names[i] != NULL; i++) {
        e = ch_cmp_read(a, f, names[i], &ca);
        if (e == CH_OK)
            e = ch_cmp_ping(a, f, &ca, answer);
    }
    return e;
}
