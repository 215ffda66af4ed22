/* SPDX-License-Identifier: Apache-2.0
 * Module privacy: the consents that an account has given and may withdraw, and all of its own data in one document. This header
 * declares the handlers. */
#ifndef PRIVACY_H
#define PRIVACY_H

#include "core/order/order.h"
#include "core/web/module.h"
#include "privacy_sql.h"

ch_handler privacy_withdraw; /* consent.c */
ch_handler privacy_export;   /* export.c */

#endif
