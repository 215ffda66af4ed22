/* SPDX-License-Identifier: Apache-2.0
 * What the database wants of an order, item by item, and the subjects that its encrypted form gives. */
#ifndef SIGNER_ORDER_H
#define SIGNER_ORDER_H

#include "programs/signer/signer.h"
#include "core/pki/profile.h"

/* One certificate of an order, or its pair: a row of hall.signer_order. Bytes have p NULL where there are none. */
struct order_item {
    int number;            /* from 1 */
    const char *seal_name; /* as the applicant named it, or NULL */
    const struct ch_profile *profile,
        *pair; /* pair: of the second certificate, to encrypt with; NULL: none is wanted */
    int years;
    bool token; /* the key was made on the token */
    bool request_wanted, issue_wanted;
    struct ch_bytes request;       /* the CSR, DER: the token's, or ours to an external CA */
    struct ch_bytes key_encrypted; /* of ours */
    struct ch_bytes answer;        /* the external CA's certificate */
    const char *serial, *encryption_serial; /* of a try that a crash has ended, or NULL */
    int64_t not_before, not_after; /* of that try */
    int64_t keep_end;              /* end of the certificate that is replaced; 0: none is */
};

struct order {
    const char *id;
    struct ch_bytes form; /* encrypted */
    const char *ca;       /* "": the one of setting ca_algorithm */
    bool external;        /* the CA is another's */
    struct order_item *items;
    size_t n; /* at least one */
};

/* CH_E_CONFLICT when the signer has no business with this order, CH_E_INVALID when a profile is not known or has no
 * other half where a pair is wanted. */
enum ch_err order_read(const struct signer *s, struct ch_arena *a, const char *id, struct order *out,
                       struct ch_fault *f) CH_MUST;
/* Opens the form: plan->subject of the item, its texts the arena's, and plan->id_hash where a profile of the item's has
 * one. Persons of an order of several items stand in the form's member "items", in the order of their numbers. */
enum ch_err order_subject(struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                          struct ch_certificate_plan *plan, struct ch_fault *f) CH_MUST;
/* Whether every item's certificate is to be issued now. */
bool order_ready(const struct order *o);

#endif
