/* SPDX-License-Identifier: Apache-2.0
 * What all outside services have in common: their names, bounded repetition, and a circuit breaker.
 *
 * The circuit of a vendor opens after `breaker_failures` calls in a row without a usable answer. Then nothing is sent for
 * `breaker_seconds`; after that one call is let through, and its answer closes the circuit or opens it again. All processes
 * of the hall share one state (a small file, setting vendor_state), so that operators see what the programs see. */
#ifndef CH_GATEWAY_VENDOR_H
#define CH_GATEWAY_VENDOR_H

#include "core/base/config.h"
#include "core/gateway/outcome.h"
#include "core/http/client.h"

enum ch_vendor {
#define CH_VENDOR(sym, word, name, url) sym,
#include "core/gateway/vendor_all.tbl"
    CH_V__COUNT
};

struct ch_vendor_row {
    const char *word, *name; /* "wechatpay", "微信支付" */
    enum ch_conf url;
};
const struct ch_vendor_row *ch_vendor_row(enum ch_vendor v);
/* Finds a vendor by its word; false when no vendor has it. */
bool ch_vendor_find(const char *word, enum ch_vendor *out) CH_MUST;

/* One try of a call: signs the request (with a fresh time and nonce), sends it, and reads the answer. It returns and answers
 * as every function of an adapter does (outcome.h). `call` is the adapter's own data. Every CH_UNKNOWN counts as a failure of
 * the vendor. */
typedef enum ch_err ch_vendor_try(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer);

enum ch_repeat {
    CH_ONE_TRY, /* for calls that move money, or would take effect twice */
    CH_REPEAT, /* for calls that may be repeated safely: up to three tries, none begun after half of vendor_timeout_ms */
};

/* Performs the call. While the circuit is open nothing is sent, and the answer is CH_UNKNOWN "circuit_open". */
enum ch_err ch_vendor_call(struct ch_arena *a, struct ch_fault *f, enum ch_vendor v, enum ch_repeat repeat,
                           ch_vendor_try *try, void *call, struct ch_answer *answer) CH_MUST;

/* Sends the HTTP request of a try. True: *res is an answer to be read. False: the try must return *e, which is CH_OK with
 * *answer saying that no answer came, or an error because the request could not be sent from here. */
bool ch_vendor_send(struct ch_arena *a, struct ch_fault *f, enum ch_vendor v, const struct ch_http_request *req,
                    struct ch_http_response *res, struct ch_answer *answer, enum ch_err *e) CH_MUST;

enum ch_circuit { CH_CIRCUIT_CLOSED = 0, CH_CIRCUIT_OPEN, CH_CIRCUIT_TRYING };

/* Times are milliseconds since 1970; 0 means never. */
struct ch_vendor_state {
    enum ch_circuit circuit;
    int64_t failures;  /* in a row */
    int64_t opened;    /* when the circuit opened last */
    int64_t good, bad; /* calls with and without a usable answer, since the file was created */
    int64_t last_good, last_bad;
    char why[96]; /* of the last failure: the answer's code and sentence */
};
void ch_vendor_state(enum ch_vendor v, struct ch_vendor_state *out);
/* Closes the circuit, for an operator who knows that the vendor is back. */
void ch_vendor_close(enum ch_vendor v);

/* The circuit breaker for calls that do not go through ch_vendor_call: ch_vendor_admits before sending (false while the
 * circuit is open; true may take the one trial, so the call must be made), ch_vendor_report after it. */
bool ch_vendor_admits(enum ch_vendor v) CH_MUST;
void ch_vendor_report(enum ch_vendor v, const struct ch_answer *answer);

#endif
