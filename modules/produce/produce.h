/* SPDX-License-Identifier: Apache-2.0
 * Module produce of the back office (制证): certificates are made, put onto tokens, and shipped with what belongs to them. This
 * header declares the request bodies, handlers and helpers that its files share. */
#ifndef MODULE_PRODUCE_H
#define MODULE_PRODUCE_H

#include "core/desk/decision.h"
#include "core/desk/desk.h"
#include "core/order/order.h"
#include "decision_sql.h"
#include "produce_sql.h"

#define PRODUCE_ITEMS_MAX 999

struct produce_produce_in {
    int64_t version;
    int64_t item;                   /* which certificate of the order, from 1; 0 when not given, which means 1 */
    const char *csr;                /* PEM or base64, if the item's key was made on the token; otherwise NULL */
    const struct ch_json *decision; /* core/desk/decision.h; NULL in the request for the statement */
};
struct produce_ship_in {
    int64_t version;
    const char *courier, *tracking_no;
};
struct produce_pin_box_in {
    const char *public_key; /* base64url of a point of P-256, uncompressed */
};
struct produce_parcel_in {
    int64_t version;
    const char *courier; /* "sf" */
};
extern const struct ch_input produce_statement_body, produce_produce_body, produce_ship_body, produce_pin_box_body,
    produce_parcel_body;

/* The request's ?item=: which certificate of the order, from 1. */
int produce_item(struct ch_req *r);

ch_handler produce_statement, produce_produce;                             /* production.c */
ch_handler produce_tray_put, produce_tray_statement, produce_tray_produce; /* production.c */
ch_handler produce_key_file, produce_certificate, produce_encryption, produce_chain, produce_enveloped_key; /* production.c */
ch_handler produce_pin_box;                                                                                 /* pin.c */
ch_handler produce_sealpicture, produce_sealpicture_png; /* sealpicture.c */
ch_handler produce_parcel_ask, produce_parcel_cancel;    /* parcels.c */

#endif
