/* SPDX-License-Identifier: Apache-2.0
 * An order as the signer reads it: what is wanted for each item, and the subjects of its certificates, from the encrypted form. */
#ifndef SIGNER_ORDER_H
#define SIGNER_ORDER_H

#include "programs/signer/signer.h"
#include "core/json/json.h"
#include "core/pki/profile.h"

/* One certificate of an order, or a pair: a row of hall.signer_order. Bytes that are absent have p NULL. */
struct order_item {
    int number;                              /* from 1 */
    const char *seal_name;                   /* the name that the applicant gave the seal, or NULL */
    const struct ch_profile *profile, *pair; /* the profile of the second certificate, for encryption; NULL: none is wanted */
    int years;
    const char *medium; /* "ukey" or "file" */
    bool token;         /* true when the key was made on the token */
    bool request_wanted, issue_wanted;
    struct ch_bytes request;                /* the CSR, DER: the token's, or ours to an external CA */
    struct ch_bytes key_encrypted;          /* the key of our own request */
    struct ch_bytes answer;                 /* the certificate that the external CA has issued */
    const char *serial, *encryption_serial; /* of an attempt that a crash has interrupted, or NULL */
    int64_t not_before, not_after;          /* of that attempt */
    int64_t keep_end; /* the latest end that it may have, because of the one that it replaces; 0: it replaces none */
    int64_t old_end;  /* of a renewal, the end of that one, which it must outlast; otherwise 0 */
};

struct order {
    const char *id, *number;
    const char *papers;    /* the digest of its papers, in hex */
    struct ch_json *form;  /* decrypted */
    const char *ca;        /* its name */
    const char *algorithm; /* of the CA's keys */
    bool external;         /* true for a CA of another authority */
    struct order_item *items;
    size_t n; /* at least one */
};

/* Reads the order and decrypts its form. CH_E_CONFLICT when the signer has nothing to do with it; CH_E_INVALID when a profile is
 * unknown, or a pair is wanted and the profile has no second half. */
enum ch_err order_read(struct signer *s, struct ch_arena *a, const char *id, struct order *out, struct ch_fault *f) CH_MUST;
/* The names that the item's certificates carry. In an order of several items, their persons are in the form's member "items", in the
 * order of the item numbers. */
struct ch_subject order_names(struct ch_arena *a, const struct order *o, const struct order_item *i);
/* Fills plan->subject for the item, with texts of the arena, and plan->id_hash if one of the item's profiles has that. */
enum ch_err order_subject(const struct signer *s, struct ch_arena *a, const struct order *o, const struct order_item *i,
                          struct ch_certificate_plan *plan, struct ch_fault *f) CH_MUST;
/* True when the certificates of all items are to be issued now. */
bool order_ready(const struct order *o);

/* Copies a call's parameters to the arena. Without that, they live no longer than the block in which CH_CALL names them. */
struct ch_call order_keep_call(struct ch_arena *a, struct ch_call c);

#endif
