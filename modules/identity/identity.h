/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_IDENTITY_H
#define MODULE_IDENTITY_H

#include "core/hall/order.h"
#include "hall_sql.h"
#include "identity_sql.h"

ch_handler identity_link, identity_state;                  /* pc.c */
ch_handler identity_phone, identity_card, identity_liveness; /* phone.c */

#endif
