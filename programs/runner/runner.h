/* SPDX-License-Identifier: Apache-2.0
 * The runner does what the outbox says: messages, money, calls to the outside, timers.
 *
 * A job's data and its outcome are statements of runner.sql; in between the vendor is asked, with our own number, and no
 * transaction is open. A runner that dies gives its job back when the lease ends, and the same number is used again. */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "core/base/error.h"
#include "core/crypto/seal.h"
#include "core/db/db.h"
#include "core/json/json.h"
#include "runner_sql.h"

#define LEASE_SECONDS 90

struct work {
    struct ch_arena *a;
    struct ch_db *db;
    struct ch_fault fault;
    const char *job;     /* outbox.id */
    const char *made;    /* outbox.created_at: in which month the job lies */
    const char *kind;
    const char *key;     /* outbox.key: what makes the job this one and no other */
    const char *subject; /* id of what the job is about */
    int attempts;        /* this one included */
    const char *why;     /* of another try: a word for operators, no personal data */
    int64_t wait_ms;     /* before it; 0: the back-off's */
    int most;            /* attempts after which an operator must look; 0: the default */
};

enum end {
    DONE,  /* the outcome is recorded and the job with it */
    AGAIN, /* later */
};

typedef enum end job(struct work *w);

/* The field keys. */
const struct ch_ring *runner_ring(void);
/* Fills them afresh now; false after logging why. */
bool runner_refill(struct ch_db *db) CH_MUST;

/* The job's data: one row, or none when there is nothing left to do. */
bool read_work(struct work *w, struct ch_call call, struct ch_rows *rows) CH_MUST;
/* Records the outcome and the end of the job in one transaction. */
enum end finish(struct work *w, const struct ch_call *outcomes, size_t n);
enum end again(struct work *w, const char *why);
enum end again_in(struct work *w, const char *why, int64_t ms);

/* Opens the sealed form of an order. */
struct ch_json *open_form(struct work *w, const char *order, struct ch_bytes sealed);

/* The order's PIN for "remark" or "sms", a secret of the arena; NULL when there is none to be had. `generation` NULL: the
 * current one. The opening, with the masked recipient, is in the ledger before the PIN exists in clear (pins.c). */
const char *open_pin_for(struct work *w, const char *order, const char *generation, const char *purpose,
                         const char *recipient) CH_MUST;
/* Destroys the PINs that have served (pins.c). */
void destroy_pins(struct ch_arena *a, struct ch_db *db);

// clang-format off
job job_message;                                     /* message.c */
job job_partner_event;                               /* partner.c */
job job_parcel, job_parcel_cancel, job_track;        /* parcel.c */
job job_invoice_wanted, job_invoice, job_invoice_query; /* invoice.c */
job job_expiry;                                      /* timer.c */
job job_payment_query, job_payment_close;            /* payment.c */
job job_refund, job_refund_query;                    /* refund.c */
job job_bill;                                        /* bill.c */
job job_paper_check;                                 /* paper_check.c */
job job_licence;                                     /* licence.c */
job job_carrier, job_liveness;                       /* identity.c */
job job_pin, job_issue;                              /* authority.c */
job job_request;                                     /* authority.c */
job job_cmp, job_cmp_revoke, job_key_file_end;       /* cmp.c */
job job_rekey, job_pin_box;                          /* pins.c */
job job_retention, job_file_gone;                    /* retention.c */
job job_store_sweep;                                 /* store.c */
job job_reseal;                                      /* reseal.c */
job job_stamp;                                       /* authority.c */
job job_lint, job_renew;                             /* lint.c */
job job_crl, job_ocsp, job_ocsp_due;                 /* status.c */
job job_payout, job_payout_query, job_payout_watch;  /* payout.c */
job job_unpaid_end, job_account_reminder, job_code_end, job_signed_for, job_serials; /* timer.c */
// clang-format on

/* The end of a job that was the signer's, by what it answered (authority.c). */
enum end signer_asked(struct work *w, enum ch_err e);

/* The CA that a job's key names: "crl/sm2/7" (status.c). */
const char *ca_of(const struct work *w);
/* Asks for the night's lint, and for OCSP signers' certificates that run out (lint.c). */
void want_lint(struct ch_arena *a, struct ch_db *db);
/* Has the night's erasing done (retention.c). */
void want_retention(struct ch_arena *a, struct ch_db *db);
/* Has files without rows looked for (store.c). */
void want_store_sweep(struct ch_arena *a, struct ch_db *db);

/* Asks for the day's words about certificates that come to their end (timer.c). */
void want_expiry(struct ch_arena *a, struct ch_db *db);

/* Asks for lists and statuses that are due (status.c). */
void want_status(struct ch_arena *a, struct ch_db *db);

/* Asks for yesterday's bills, once a day (bill.c). */
void want_bills(struct ch_arena *a, struct ch_db *db);

/* Gathers new audit rows into the Merkle log and signs its head (seal.c). */
void seal_audit(struct ch_arena *a, struct ch_db *db);

#endif
