/* SPDX-License-Identifier: Apache-2.0
 * A unit's bank account as it is stored: branch in the open, name and number encrypted, a masked form for people. */
#ifndef CH_ORDER_ACCOUNT_H
#define CH_ORDER_ACCOUNT_H

#include "core/web/request.h"

#define CH_BANK_ACCOUNT "bank_account.encrypted"

struct ch_bank_account {
    const char *branch;     /* CNAPS number; NULL: there is no account */
    struct ch_bytes encrypted; /* {"name","number"}, bound to the order */
    const char *masked;
    const char *name;       /* always the unit's */
};

struct ch_bank_account ch_bank_account_make(struct ch_req *r, const char *order, const char *branch, const char *name,
                                            const char *number);
/* The account that a form holds; branch NULL when it holds none. */
struct ch_bank_account ch_bank_account_of(struct ch_req *r, const char *order, const struct ch_json *form);

#endif
