/* SPDX-License-Identifier: Apache-2.0
 * Module notify: the reports that outside services send by themselves, of payments, refunds, messages and invoices. This header
 * declares the handlers. */
#ifndef MODULE_NOTIFY_H
#define MODULE_NOTIFY_H

#include "core/web/request.h"
#include "notify_sql.h"

#define NOTIFY_PATH "/notify/" /* the channel follows, or another word */

ch_handler notify_payment; /* payment.c: of the channel that ends the path */
ch_handler notify_sms;     /* sms.c */
ch_handler notify_nuonuo;  /* nuonuo.c */

#endif
