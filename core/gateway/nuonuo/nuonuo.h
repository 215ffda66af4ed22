/* SPDX-License-Identifier: Apache-2.0
 * Electronic invoices (数电发票) through Nuonuo 诺税通: request, repeat, query, red letter, and the callback.
 *
 * An invoice is requested under a number of ours, which is stored before the call; Nuonuo accepts each number once. Issuing
 * takes from seconds to days (the clerk must be logged in at the tax bureau). If it fails, it is repeated under the same number.
 * Callbacks are not signed, so they are only a reason to call ch_nuonuo_query. */
#ifndef CH_GATEWAY_NUONUO_H
#define CH_GATEWAY_NUONUO_H

#include "core/gateway/outcome.h"
#include "core/json/json.h"

enum ch_invoice_kind {
    CH_INVOICE_PLAIN = 1, /* 普通发票, "pc" */
    CH_INVOICE_SPECIAL,   /* 增值税专用发票, "bs": needs the buyer's tax number */
};

struct ch_invoice_line {
    const char *name;
    int64_t fen; /* tax included, at least 1 */
};

struct ch_invoice {
    const char *order_no; /* ours, unique, at most 64 characters */
    enum ch_invoice_kind kind;
    const char *buyer;
    const char *tax_no;        /* NULL for a person */
    const char *email, *phone; /* where Nuonuo sends the invoice; NULL: it does not */
    const char *remark;        /* printed on the invoice; NULL: none */
    const struct ch_invoice_line *lines;
    size_t n;          /* 1 to 2000 lines */
    int64_t total_fen; /* must be the sum of the lines */
};

/* A red letter for the whole of an earlier invoice. */
struct ch_invoice_reversal {
    const char *order_no; /* our number of this red letter, which differs from the invoice's */
    enum ch_invoice_kind kind;
    const char *number; /* of the invoice, 20 digits */
    const char *serial; /* Nuonuo's serial of the invoice */
    const char *confirmation; /* number of the confirmed 红字信息确认单; NULL: Nuonuo makes one where no confirmation is needed */
};

enum ch_invoice_state {
    CH_INVOICE_WORKING = 0, /* being issued, or a status that is not known here: ask again */
    CH_INVOICE_DONE,
    CH_INVOICE_FAILED, /* not issued, or issued but not signed: call ch_nuonuo_again under the same number */
    CH_INVOICE_VOID,   /* declared void */
};

/* Texts are never NULL; "" stands for what does not exist, or not yet. */
struct ch_invoice_status {
    enum ch_invoice_state state;
    const char *status; /* Nuonuo's number of the state */
    const char *order_no;
    const char *serial;          /* Nuonuo's */
    const char *number;          /* 20 digits */
    const char *pdf, *ofd, *xml; /* addresses, valid for a long time but not for ever: the caller keeps copies */
    const char *cause;           /* why it failed, in words for the operator */
    int64_t total_fen, net_fen, tax_fen; /* red letters: negative. INT64_MIN when the answer does not say */
    int64_t issued;                      /* seconds since 1970; 0: not yet */
};

/* CH_ACCEPTED: Nuonuo has the invoice. *serial is "" when Nuonuo had the number already (E9106); compare what ch_nuonuo_query
 * says then. CH_UNKNOWN: ask ch_nuonuo_query before anything else. CH_E_INVALID: the lines do not sum up to the total, or the
 * settings nuonuo_tax_rate and nuonuo_goods_code are wrong; nothing was sent. */
enum ch_err ch_nuonuo_request(struct ch_arena *a, struct ch_fault *f, const struct ch_invoice *invoice,
                              struct ch_answer *answer, const char **serial) CH_MUST;

/* Has a failed invoice issued again with the same number and particulars. Nuonuo allows this twenty times a day (then CH_REFUSED,
 * E9613), and refuses it for invoices that are done or being issued. `serial` may be NULL or "". */
enum ch_err ch_nuonuo_again(struct ch_arena *a, struct ch_fault *f, const char *order_no, const char *serial,
                            struct ch_answer *answer) CH_MUST;

/* CH_REFUSED with code "E9500": Nuonuo does not know the number; within seconds of a request it may just be too early. */
enum ch_err ch_nuonuo_query(struct ch_arena *a, struct ch_fault *f, const char *order_no, struct ch_answer *answer,
                            struct ch_invoice_status *status) CH_MUST;

/* Answers like ch_nuonuo_request: a red letter is an invoice of its own, with its own state. */
enum ch_err ch_nuonuo_red(struct ch_arena *a, struct ch_fault *f, const struct ch_invoice_reversal *reversal,
                          struct ch_answer *answer, const char **serial) CH_MUST;

/* The invoice that a callback is about. Nothing more is read, since anybody can send a callback: call ch_nuonuo_query. */
struct ch_invoice_hint {
    const char *order_no, *serial; /* serial may be "" */
};
/* CH_E_MALFORMED: not a callback of Nuonuo's. The caller answers CH_INVOICE_TAKEN, as JSON, once it has stored the hint. */
#define CH_INVOICE_TAKEN "{\"status\":\"0000\",\"message\":\"同步成功\"}"
enum ch_err ch_nuonuo_callback(struct ch_arena *a, struct ch_fault *f, struct ch_bytes form,
                               struct ch_invoice_hint *hint) CH_MUST;

/* Reads one element of the answer to a query; ch_nuonuo_query uses it. NULL gives an empty status. */
void ch_nuonuo_read_status(const struct ch_json *row, struct ch_invoice_status *out);

#endif
