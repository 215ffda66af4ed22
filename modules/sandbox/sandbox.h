/* SPDX-License-Identifier: Apache-2.0
 * What the files of module sandbox share. */
#ifndef MODULE_SANDBOX_H
#define MODULE_SANDBOX_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "sandbox_sql.h"

/* phone.c: the newcomer's phone */
extern const struct ch_input sandbox_scan_body;
ch_handler sandbox_scan, sandbox_cashier, sandbox_cashier_pay;
/* switches.c: how the vendors misbehave */
extern const struct ch_input sandbox_switches_body;
ch_handler sandbox_switches, sandbox_switches_set;
/* person.c: made-up people and units */
ch_handler sandbox_person;
/* papers/papers.c: their papers */
ch_handler sandbox_paper, sandbox_paper_scan;

/* True when the request came to that vendor's host. */
bool sandbox_host(const struct ch_req *r, const char *address);
/* True when a switch is on; one that is on once is off afterwards. */
enum ch_err sandbox_switched(struct ch_req *r, const char *key, bool *on) CH_MUST;
/* An answer as a vendor gives it, whatever its status. */
enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body);

#endif
