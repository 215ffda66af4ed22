/* SPDX-License-Identifier: Apache-2.0
 * Module orders: the applicant's own orders, of all kinds of business. This header declares the request bodies and handlers that
 * its files share. */
#ifndef MODULE_ORDERS_H
#define MODULE_ORDERS_H

#include "core/order/order.h"
#include "orders_sql.h"

struct orders_loss_in {
    const char *serial; /* of one of the order's certificates */
};
extern const struct ch_input orders_loss_body;

struct orders_refund_in {
    int64_t version;
    const char *reason;
};
extern const struct ch_input orders_refund_body;

struct orders_publication_in {
    bool published;
};

ch_handler orders_refund, orders_refund_undo; /* refund.c */

ch_handler orders_list; /* list.c */

ch_handler orders_earlier;  /* earlier.c */
ch_handler orders_readings; /* readings.c */

ch_handler orders_loss_report, orders_loss_undo; /* loss.c */

ch_handler orders_receipt; /* receipt.c */

ch_handler orders_certificates, orders_certificate, orders_chain, orders_key_file; /* certificate.c */

#endif
