/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_FINAUTH_H
#define MODULE_FINAUTH_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "finauth_sql.h"

struct finauth_account_in {
    const char *account_branch, *account_no;
};
extern const struct ch_input finauth_account_body;

ch_handler finauth_banks, finauth_get, finauth_account; /* account.c */

#endif
