/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/gateway/gateway.h"

#include "core/gateway/cmb/cmb.h"
#include "core/gateway/nuonuo/nuonuo.h"

enum ch_err check_cmb(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_cmb_payment p;

    (void)argument;
    return ch_cmb_query(a, f, "CHCHECK0000000000", answer, &p);
}

enum ch_err check_nuonuo(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_invoice_status status;

    (void)argument;
    return ch_nuonuo_query(a, f, "CHCHECK0000000000", answer, &status);
}
