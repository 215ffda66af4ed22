/* SPDX-License-Identifier: Apache-2.0
 * Payments out of our account: CMB CloudDC, BB1PAYOP (pay) and BB1PAYQR (ask), account to account.
 *
 * `your_ref` is our number of the payment, stored before the call. It makes a payment happen once: whatever went wrong,
 * ask by it, and pay again under the same number only when the bank says it has never seen it. */
#ifndef CH_GATEWAY_CMB_H
#define CH_GATEWAY_CMB_H

#include "core/gateway/outcome.h"

struct ch_cmb_payout {
    const char *your_ref;       /* yurRef: at most 30 characters */
    const char *account, *name; /* whom it goes to */
    const char *cnaps;          /* 12-digit number of the branch */
    const char *bank;           /* name of the branch */
    int64_t amount_fen;
    const char *purpose; /* nusAge: stands on the receiver's statement; may hold a secret, never logged */
};

enum ch_cmb_state {
    CH_CMB_WAITING = 0, /* on its way, or a word that is not known here */
    CH_CMB_DONE,        /* paid; may still come back within days */
    CH_CMB_FAILED,      /* failed, refused, expired or withdrawn: not paid */
    CH_CMB_RETURNED,    /* came back */
    CH_CMB_UNSEEN,      /* the bank does not know the number */
};

struct ch_cmb_payment {
    enum ch_cmb_state state;
    const char *bank_ref; /* reqNbr, or "" */
    const char *status;   /* the bank's words, "FIN/B" */
    const char *reason;   /* rtnNar of a failure, for the person who gave the account; or "" */
    int64_t amount_fen;   /* -1 when the answer does not say */
};

/* CH_ACCEPTED: received by the bank; payment->state says how far it is (CH_CMB_FAILED: refused on the spot).
 * CH_REFUSED: the bank took nothing of *this* message; when an earlier one under the number had no answer, ask
 * ch_cmb_query before believing it. CH_UNKNOWN: ask ch_cmb_query. */
enum ch_err ch_cmb_pay(struct ch_arena *a, struct ch_fault *f, const struct ch_cmb_payout *payout,
                       struct ch_answer *answer, struct ch_cmb_payment *payment) CH_MUST;

/* CH_ACCEPTED: payment is what the bank knows, CH_CMB_UNSEEN included. After a re-payment inside the bank the latest row
 * counts. At least two seconds between two calls for one number. */
enum ch_err ch_cmb_query(struct ch_arena *a, struct ch_fault *f, const char *your_ref, struct ch_answer *answer,
                         struct ch_cmb_payment *payment) CH_MUST;

/* The state behind reqSts and rtnFlg. */
enum ch_cmb_state ch_cmb_state_of(const char *req_sts, const char *rtn_flg);

#endif
