/* SPDX-License-Identifier: Apache-2.0
 * What the files of module privacy share. */
#ifndef PRIVACY_H
#define PRIVACY_H

#include "core/order/order.h"
#include "core/web/module.h"
#include "privacy_sql.h"

ch_handler privacy_withdraw; /* consent.c */
ch_handler privacy_export;   /* export.c */

#endif
