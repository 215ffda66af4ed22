/* SPDX-License-Identifier: Apache-2.0
 * The bank's functions in the sandbox. */
#ifndef MODULE_SANDBOX_CMB_H
#define MODULE_SANDBOX_CMB_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_cmb_sql.h"

/* China Merchants Bank, at 127.0.0.15 */
ch_handler sandbox_cmb;
/* statement.c: the company's bank statement */
ch_handler sandbox_statement;

/* entries.c: somebody transfers money to the customer's account */
struct sandbox_transfer_in {
    const char *name, *account; /* the payer's */
    const char *amount;         /* "0.01" */
    const char *remark;
};
extern const struct ch_input sandbox_transfer_body;
ch_handler sandbox_transfer;

struct cmb_call {
    const char *function, *reqid;
    const struct ch_json *body;
};

/* BB1PAYOP, BB1PAYQR and trsQryByBreakPoint. */
enum ch_err cmb_pay(struct ch_req *r, const struct cmb_call *c) CH_MUST;
enum ch_err cmb_query(struct ch_req *r, const struct cmb_call *c) CH_MUST;
enum ch_err cmb_entries(struct ch_req *r, const struct cmb_call *c) CH_MUST;

/* Sends an answer, signed and encrypted; `body` is JSON. */
enum ch_err cmb_answer(struct ch_req *r, const struct cmb_call *c, const char *code, const char *message, const char *body);

#endif
