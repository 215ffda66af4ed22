/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PAY_H
#define MODULE_PAY_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "pay_sql.h"

struct pay_open_in {
    const char *channel;
};
extern const struct ch_input pay_open_body;

ch_handler pay_open, pay_state; /* applicant.c */

#endif
