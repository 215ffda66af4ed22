/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ORDERS_H
#define MODULE_ORDERS_H

#include "core/hall/order.h"
#include "orders_sql.h"

struct orders_loss_in {
    const char *serial; /* of one of the order's certificates */
};
extern const struct ch_input orders_loss_body;

ch_handler orders_loss, orders_loss_report, orders_loss_undo; /* loss.c */

ch_handler orders_certificates, orders_certificate, orders_chain, orders_key_file; /* certificate.c */

#endif
