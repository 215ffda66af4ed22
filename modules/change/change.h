/* SPDX-License-Identifier: Apache-2.0
 * Module change: what is on file about a certificate changes (信息变更). This header declares what its files share. */
#ifndef CHANGE_H
#define CHANGE_H

#include "core/order/successor.h"

struct change_kind_in {
    const char *code; /* of hall.change_kind */
};
extern const struct ch_input change_create_body; /* struct ch_successor_create_in, with `changes` */

ch_handler change_create, change_save; /* form.c */

#endif
