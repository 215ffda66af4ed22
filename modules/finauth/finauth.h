/* SPDX-License-Identifier: Apache-2.0
 * Module finauth: the applicant's part of the bank account proof (金融认证): the account, the random code, and the legal person in
 * place of the account. This header declares the request bodies, handlers and helpers that its files share. */
#ifndef MODULE_FINAUTH_H
#define MODULE_FINAUTH_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "finauth_sql.h"

struct finauth_account_in {
    const char *account_branch, *account_no;
};
struct finauth_code_in {
    const char *code; /* six digits */
};
struct finauth_legal_in { /* the legal person, if the form does not name one; otherwise all members are NULL */
    const char *legal_name, *legal_id, *legal_mobile;
};
extern const struct ch_input finauth_account_body, finauth_code_body, finauth_legal_body;

/* Reads how far the bank account proof of an order is, with the order's encrypted form. CH_E_NOT_FOUND, with a sentence, when
 * the order is not the applicant's (account.c). */
enum ch_err finauth_view_of(struct ch_req *r, const char *order, struct ch_rows *rows) CH_MUST;
/* Answers with how far the bank account proof of the order is (account.c). */
enum ch_err finauth_reply(struct ch_req *r, const char *order) CH_MUST;

ch_handler finauth_banks, finauth_get, finauth_account, finauth_payout; /* account.c */
ch_handler finauth_code, finauth_code_link, finauth_link_code;          /* code.c */
ch_handler finauth_legal, finauth_legal_link;                           /* legal.c */

#endif
