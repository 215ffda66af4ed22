/* SPDX-License-Identifier: Apache-2.0
 * Encrypts and masks bank accounts. */
#include "core/order/account.h"

#include "core/form/rule.h"

#include <string.h>

struct ch_bank_account ch_bank_account_make(struct ch_req *r, const char *order, const char *branch, const char *name,
                                            const char *number)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "name", name);
    ch_jw_text(&w, "number", number);
    ch_jw_end_object(&w);
    const char *json = ch_jw_done(&w);
    return (struct ch_bank_account){branch,
                                    ch_encrypt(ch_ring(), r->a, CH_BANK_ACCOUNT, order, CH_BYTES(json, strlen(json))),
                                    ch_rule_mask_account(r->a, number), name};
}

struct ch_bank_account ch_bank_account_of(struct ch_req *r, const char *order, const struct ch_json *form)
{
    const char *branch = ch_json_text(form, "account_branch"), *name = ch_json_text(form, "account_name");
    const char *number = ch_json_text(form, "account_no");

    if (branch == NULL || name == NULL || number == NULL)
        return (struct ch_bank_account){0};
    return ch_bank_account_make(r, order, branch, name, number);
}
