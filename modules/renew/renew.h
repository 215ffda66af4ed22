/* SPDX-License-Identifier: Apache-2.0
 * Module renew: a certificate goes on after its end (证书更新). This header declares what its files share. */
#ifndef RENEW_H
#define RENEW_H

#include "core/order/successor.h"

struct renew_day_in {
    int64_t version;
    const char *on; /* YYYY-MM-DD; NULL: the old certificate runs out by itself */
};
extern const struct ch_input renew_day_body;

extern const struct ch_input renew_create_body; /* create.c */

ch_handler renew_window, renew_day; /* window.c */

#endif
