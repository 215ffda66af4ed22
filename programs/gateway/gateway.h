/* SPDX-License-Identifier: Apache-2.0
 * certhall-gateway: an operator's view of the outside services. It lists how they work, and tries whether one is set up correctly.
 * This header declares the checks. */
#ifndef PROGRAM_GATEWAY_H
#define PROGRAM_GATEWAY_H

#include "core/gateway/vendor.h"

/* A harmless call that shows whether address, account and keys are right. `argument` comes from the command line, or is NULL.
 * Result and answer are those of the vendor's adapter (core/gateway/vendor.h). */
typedef enum ch_err gateway_check(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer);

struct gateway_row {
    enum ch_vendor vendor;
    gateway_check *run;
    const char *good; /* codes, separated by blanks, with which the vendor refuses the call only after it has authenticated us */
    const char *does; /* describes the call */
};
/* One row for each vendor that is no way of paying. */
extern const struct gateway_row gateway_rows[CH_V__COUNT];

#define CH_CHECK(vendor, run, good, does) gateway_check run;
#include "core/gateway/vendor_all.tbl"

/* A sentence that tells an operator what to do about an answer; NULL when there is none for its code. */
const char *gateway_advice(enum ch_vendor v, const struct ch_answer *answer);

#endif
