/* SPDX-License-Identifier: Apache-2.0
 * Places for requests that have a password hashed. A hash takes a tenth of a second by design, and only few are computed at a time
 * (core/crypto/password.h), so in a flood of log-ins requests wait. Each place has a thread (core/web/serve.c), so that the others
 * are never fewer than the setting says. */
#include "core/web/private.h"

#include "core/base/config.h"
#include "core/crypto/password.h"

#include <stdatomic.h>

#define MAX_PLACES 64
#define RETRY_SECONDS 5

static atomic_int taken;

int64_t ch__password_places(void)
{
    int64_t n = ch_conf_int(CONF_PASSWORD_QUEUE);
    return n < 1 ? 1 : n > MAX_PLACES ? MAX_PLACES : n;
}

static void give_back(void *unused)
{
    (void)unused;
    atomic_fetch_sub(&taken, 1);
}

enum ch_err ch_password_place(struct ch_req *r)
{
    ch_defer(r->a, give_back, NULL);
    if (atomic_fetch_add(&taken, 1) < ch__password_places())
        return CH_OK;
    r->fault.retry_seconds = RETRY_SECONDS;
    return ch_fail_say(r, CH_E_TOO_MANY, "现在办理的人较多，请稍等几秒再试。");
}

struct ch_param ch_password_param(struct ch_req *r, const struct ch_rows *tried, const char *password)
{
    unsigned char *proof = ch_alloc_secret(r->a, CH_PASSWORD_PROOF);
    bool made = ch_password_proof(r->a, password, ch_col_text(tried, 0, "salt"), proof);

    return made && ch_col_bool(tried, 0, "may") ? ch_p_bytes(CH_BYTES(proof, CH_PASSWORD_PROOF)) : ch_p_null();
}
