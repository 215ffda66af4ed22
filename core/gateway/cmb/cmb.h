/* SPDX-License-Identifier: Apache-2.0
 * Payments out of our account to another account: CMB CloudDC, BB1PAYOP (pay) and BB1PAYQR (query); and what has come in on it:
 * trsQryByBreakPoint (entries).
 *
 * `your_ref` is our number of the payment, stored before the call. It ensures that a payment happens only once: whatever went
 * wrong, query it, and pay again under the same number only when the bank says that it does not know the number. */
#ifndef CH_GATEWAY_CMB_H
#define CH_GATEWAY_CMB_H

#include "core/gateway/outcome.h"
#include "core/json/json.h"

struct ch_cmb_payout {
    const char *your_ref;       /* yurRef: at most 30 characters */
    const char *account, *name; /* of the receiver */
    const char *cnaps;          /* 12-digit number of the branch */
    const char *bank;           /* name of the branch */
    int64_t amount_fen;
    const char *purpose; /* nusAge: printed on the receiver's statement; may contain a secret and is never logged */
};

enum ch_cmb_state {
    CH_CMB_WAITING = 0, /* on its way, or a state that is not known here */
    CH_CMB_DONE,        /* paid; it may still be returned within days */
    CH_CMB_FAILED,      /* failed, refused, expired or withdrawn: not paid */
    CH_CMB_RETURNED,    /* paid and returned */
    CH_CMB_UNSEEN,      /* the bank does not know the number */
};

struct ch_cmb_payment {
    enum ch_cmb_state state;
    const char *bank_ref; /* reqNbr, or "" */
    const char *status;   /* the bank's codes, "FIN/B" */
    const char *reason;   /* rtnNar of a failure, for the person who gave the account; or "" */
    int64_t amount_fen;   /* -1 when the answer does not say */
};

/* CH_ACCEPTED: the bank has received it, and payment->state is its state (CH_CMB_FAILED: refused at once). CH_REFUSED: the bank
 * has done nothing with *this* message; if an earlier message with the same number had no answer, ask ch_cmb_query before
 * relying on that. CH_UNKNOWN: ask ch_cmb_query. */
enum ch_err ch_cmb_pay(struct ch_arena *a, struct ch_fault *f, const struct ch_cmb_payout *payout,
                       struct ch_answer *answer, struct ch_cmb_payment *payment) CH_MUST;

/* CH_ACCEPTED: *payment is what the bank knows; that may be CH_CMB_UNSEEN. When the bank itself has paid again, its latest row
 * counts. There must be at least two seconds between two calls for one number. */
enum ch_err ch_cmb_query(struct ch_arena *a, struct ch_fault *f, const char *your_ref, struct ch_answer *answer,
                         struct ch_cmb_payment *payment) CH_MUST;

/* The state that reqSts and rtnFlg stand for. */
enum ch_cmb_state ch_cmb_state_of(const char *req_sts, const char *rtn_flg);

/* Money that has come in. Texts are trimmed, and never NULL. */
struct ch_cmb_entry {
    const char *number;                /* transSequenceIdn: the bank's number, which is unique within a day */
    const char *day;                   /* transDate, "2026-11-25" */
    int64_t at;                        /* seconds since 1970 */
    int64_t amount_fen;                /* more than 0 */
    const char *name, *account, *bank; /* the payer's */
    const char *remark;                /* all that the bank passes on of what the payer wrote */
};

struct ch_cmb_entries {
    struct ch_cmb_entry *rows;
    size_t n;
    const char *cursor; /* for the next call: JSON of the bank's, without personal data; NULL: it gave none */
    bool more;          /* there is another page now; otherwise the cursor leads to what comes in later */
};

/* The entries of our account from the day `first` to the day `last` ("20261125") behind `cursor`, which belongs to the same `first`;
 * NULL: from the beginning. Left out are money that we have sent ourselves and that came back, corrections of the bank's, and other
 * currencies. An entry may come twice: when a call is made again, or when the bank says so. */
enum ch_err ch_cmb_entries(struct ch_arena *a, struct ch_fault *f, const char *first, const char *last,
                           const char *cursor, struct ch_answer *answer, struct ch_cmb_entries *out) CH_MUST;

/* Reads them from the body of an answer (entries.c). NULL, or what is wrong with it. */
const char *ch_cmb_read_entries(struct ch_arena *a, const struct ch_json *body, struct ch_cmb_entries *out);

#endif
