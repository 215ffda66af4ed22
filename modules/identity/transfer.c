/* SPDX-License-Identifier: Apache-2.0
 * In place of the face: a transfer of 0.01 yuan from the person's own bank account, with a code in the remark. The account that it goes to
 * is the one of which the bank tells the entries; the runner asks for them (programs/runner/entries.c). */
#include "modules/identity/identity.h"

#include "core/base/config.h"
#include "core/order/proof_code.h"

#include <string.h>

bool identity_takes_transfers(void)
{
    const char *number = ch_conf(CONF_TRANSFER_NO);

    return *number != '\0' && strcmp(number, ch_conf(CONF_CMB_ACCOUNT)) == 0 && *ch_conf(CONF_TRANSFER_NAME) != '\0' &&
           *ch_conf(CONF_TRANSFER_BANK) != '\0';
}

void identity_put_account(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    (void)s;
    ch_jw_text(w, member, ch_conf(CONF_TRANSFER_NAME));
    ch_jw_text(w, "account", ch_conf(CONF_TRANSFER_NO));
    ch_jw_text(w, "bank", ch_conf(CONF_TRANSFER_BANK));
    ch_jw_int(w, "fen", 1); /* hall.entry_outcome */
}

enum ch_err identity_transfer(struct ch_req *r)
{
    if (!identity_takes_transfers())
        return ch_fail_say(r, CH_E_CONFLICT, "这里不提供这种认证方式，请另选一种。");
    enum ch_err e = ch_run(r, CH_CALL(&identity_transfer_begin, ch_p_text(ch_proof_code_make(r->a))), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
