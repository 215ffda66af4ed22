/* SPDX-License-Identifier: Apache-2.0
 * Module evidence: evidence packages of orders, which auditors ask for (docs/evidence.md). */
#ifndef MODULE_EVIDENCE_H
#define MODULE_EVIDENCE_H

#include "core/desk/desk.h"
#include "evidence_sql.h"

/* The body of a request for a package. */
struct evidence_in {
    const char *number; /* of the order */
    const char *reason;
};

#endif
