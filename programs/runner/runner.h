/* SPDX-License-Identifier: Apache-2.0
 * The runner does the jobs of the outbox: messages, money, calls to outside services, timers.
 *
 * A statement of runner.sql reads a job's data, and another one records its outcome. In between the vendor is asked, under a
 * number of our own, while no transaction is open. If a runner dies, its job is free again when the lease ends, and the
 * next attempt uses the same number. */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "core/base/error.h"
#include "core/crypto/ring.h"
#include "core/db/db.h"
#include "core/desk/kept.h"
#include "core/form/person.h"
#include "core/json/json.h"
#include "runner_sql.h"

/* The folders of keys that the runner reads: it re-encrypts everything, and calls everybody. */
#define RUNNER_KEYS CH_KEYS_ALL

#define LEASE_SECONDS 90 /* how long a job belongs to the thread that has taken it */

/* A job that is being done. Strings belong to the arena, which lives as long as the attempt. */
struct work {
    struct ch_arena *a;
    struct ch_db *db;
    struct ch_fault fault;
    const char *job;  /* outbox.id */
    const char *made; /* outbox.created_at, which tells the month's partition that the job is in */
    const char *kind;
    const char *key;     /* outbox.key, which is unique among the jobs of a kind */
    const char *subject; /* the id of the row that the job is about */
    int attempts;        /* including this one */
    const char *why;     /* the reason of a further attempt, for operators; without personal data */
    int64_t wait_ms;     /* how long to wait before the further attempt; 0: as back_off_ms says */
    bool waits;          /* nothing is wrong: somebody outside is still at work, which operators need not see */
    int most;            /* after so many attempts an operator must look; 0: the default */
};

enum end {
    DONE,  /* the outcome is recorded, and the job has ended with it */
    AGAIN, /* a further attempt follows */
};

typedef enum end job(struct work *w);

/* The field keys. */
const struct ch_ring *runner_ring(void);
/* Reads the field keys anew at once; false after logging why. */
bool runner_refill(struct ch_db *db) CH_MUST;

/* Reads the job's data, one row. False when there is none, which means that nothing is left to do, or when the database failed; then
 * finish_unread ends the job. */
bool read_job(struct work *w, struct ch_call call, struct ch_rows *rows) CH_MUST;
/* Ends a job that has no data any more, or has it done again after an error of the database. */
enum end finish_unread(struct work *w);
/* Records the outcome, by at most four statements, and the end of the job in one transaction. */
enum end finish_job(struct work *w, const struct ch_call *outcomes, size_t n);
/* Asks for a further attempt, after the usual back-off or after `ms` milliseconds. `why` is for operators. */
enum end retry_job(struct work *w, const char *why);
enum end retry_job_in(struct work *w, const char *why, int64_t ms);
/* The same while nothing is wrong, and what the job waits for is still to come. */
enum end await_job(struct work *w, const char *why, int64_t ms);
/* The usual back-off after so many attempts, in milliseconds: it doubles from attempt to attempt, up to an hour. */
int64_t back_off_ms(int attempts);

/* Decrypts the form of an order; NULL when that is not possible. */
struct ch_json *open_order_form(struct work *w, const char *order, struct ch_bytes encrypted);

/* Opens who has to authenticate, in the columns order_id, form, legal and role: from the row of the legal person if there is one,
 * otherwise from the order's form. False when that is not possible (identity.c). */
bool open_person(struct work *w, const struct ch_rows *rows, struct ch_person *p) CH_MUST;

/* Decrypts the numbers of a rebinding, {"old_phone","new_phone"}; NULL when that is not possible (rebinding.c). */
struct ch_json *open_rebinding_phones(struct work *w, const char *rebinding, struct ch_bytes encrypted);

/* Whether the act holds, by the roster that the signer was given; its facts are rows of a statement runner_…_act. CH_E_INVALID, which is logged:
 * it does not, so nothing may be paid. CH_E_INTERNAL: it cannot be checked now (act.c). */
enum ch_err check_act(struct work *w, const struct ch_act *act) CH_MUST;

/* Decrypts the order's PIN for the purpose "remark" or "sms"; NULL when that is not possible. The PIN is a secret of the arena.
 * `generation` is NULL for the current one. The opening, with the masked recipient, is in the ledger before the PIN exists in
 * the clear (pins.c). */
const char *decrypt_pin(struct work *w, const char *order, const char *generation, const char *purpose,
                        const char *recipient) CH_MUST;
/* The same for the PUK with the given id, for the message that carries it. */
const char *decrypt_puk(struct work *w, const char *puk, const char *recipient) CH_MUST;
/* Destroys the PINs that are no longer needed (pins.c). */
void destroy_pins(struct ch_arena *a, struct ch_db *db);

// clang-format off
job job_message;                                     /* message.c */
job job_partner_event;                               /* partner.c */
job job_parcel, job_parcel_cancel, job_track;        /* parcel.c */
job job_invoice_wanted, job_invoice, job_invoice_query; /* invoice.c */
job job_paper_carry;                                 /* paper_carry.c */
job job_expiry;                                      /* timer.c */
job job_payment_query, job_payment_close;            /* payment.c */
job job_refund, job_refund_query;                    /* refund.c */
job job_bill;                                        /* bill.c */
job job_paper_check, job_card;                       /* paper_check.c */
job job_licence;                                     /* licence.c */
job job_carrier, job_liveness;                       /* identity.c */
job job_entries;                                     /* entries.c */
job job_rebinding;                                   /* rebinding.c */
job job_pin, job_issue;                              /* authority.c */
job job_request;                                     /* authority.c */
job job_cmp, job_cmp_revoke, job_key_file_end;       /* cmp.c */
job job_rekey, job_pin_box;                          /* pins.c */
job job_retention, job_file_gone;                    /* retention.c */
job job_store_sweep;                                 /* store.c */
job job_reencrypt;                                   /* reencrypt.c */
job job_seal;                                        /* authority.c */
job job_evidence;                                    /* evidence.c */
job job_lint, job_renew;                             /* lint.c */
job job_crl, job_ocsp, job_ocsp_due;                 /* status.c */
job job_payout, job_payout_query, job_payout_watch;  /* payout.c */
job job_unpaid_end, job_account_reminder, job_code_end, job_appointment_end, job_signed_for, job_serials; /* timer.c */
// clang-format on

/* Ends a job that the signer has done, according to the signer's answer (authority.c). */
enum end finish_by_signer(struct work *w, enum ch_err e);

/* The name of the CA in a job's key: "sm2" in "crl/sm2/7" (status.c). */
const char *ca_of_job(const struct work *w);

/* --- the functions enqueue_… make the jobs that are due by the clock --- */

/* The night's check of all certificates, and new certificates of OCSP signers whose own expire soon (lint.c). */
void enqueue_lint(struct ch_arena *a, struct ch_db *db);
/* The night's erasure of data whose retention has ended (retention.c). */
void enqueue_retention(struct ch_arena *a, struct ch_db *db);
/* The night's search for files that no row names (store.c). */
void enqueue_store_sweep(struct ch_arena *a, struct ch_db *db);
/* The day's messages about certificates that expire soon (timer.c). */
void enqueue_expiry(struct ch_arena *a, struct ch_db *db);
/* Revocation lists and OCSP responses that are due (status.c). */
void enqueue_status(struct ch_arena *a, struct ch_db *db);
/* Yesterday's bills of the payment vendors, once a day (bill.c). */
void enqueue_bills(struct ch_arena *a, struct ch_db *db);

/* Logs a warning when a watched file system is short of space (disk.c). */
void warn_of_full_disks(struct ch_arena *a);

/* Adds new rows of the audit trail to the Merkle tree of the signed log, and signs its head (sign_log.c). */
void sign_log(struct ch_arena *a, struct ch_db *db);

#endif
