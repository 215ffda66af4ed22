/* SPDX-License-Identifier: Apache-2.0
 * A unit's bank account as it is stored: the branch in plain text, name and number encrypted, and a masked number for people. */
#ifndef CH_ORDER_ACCOUNT_H
#define CH_ORDER_ACCOUNT_H

#include "core/web/request.h"

#define CH_BANK_ACCOUNT "bank_account.encrypted" /* place of ch_encrypt; the row is the order */

struct ch_bank_account {
    const char *branch;        /* CNAPS number; NULL: there is no account */
    struct ch_bytes encrypted; /* {"name","number"}, bound to the order */
    const char *masked;
    const char *name; /* the account's holder, which is always the unit */
};

/* Encrypts an account for an order. Everything belongs to the request. */
struct ch_bank_account ch_bank_account_make(struct ch_req *r, const char *order, const char *branch, const char *name,
                                            const char *number);
/* The account in a form; branch is NULL when the form has none. */
struct ch_bank_account ch_bank_account_of(struct ch_req *r, const char *order, const struct ch_json *form);

#endif
