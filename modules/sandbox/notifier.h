/* SPDX-License-Identifier: Apache-2.0
 * Notifications of the vendors over HTTP, repeated until the customer acknowledges them. They are rows of sandbox.notice, sent
 * by the process sandbox-clock. A vendor inserts a row (id, vendor, kind, about, url, facts, next) and NOTIFYs `sandbox`; its
 * notifier makes the request of each attempt. The waits are the vendor's own, divided by setting sandbox_time_factor. */
#ifndef MODULE_SANDBOX_NOTIFIER_H
#define MODULE_SANDBOX_NOTIFIER_H

#include "core/db/db.h"
#include "core/http/client.h"
#include "core/json/json.h"

struct sandbox_notice {
    const char *id, *kind, *about, *url;
    const struct ch_json *facts; /* object */
    int64_t created;             /* seconds since 1970 */
    int64_t tries;               /* before this one */
};

struct sandbox_notifier {
    const char *vendor;
    const int *retry_seconds; /* the waits after the first attempt, after the second, and so on */
    size_t retries;
    /* Fills in headers and body (url and time-out are set already). False: there is nothing to report any more, and the
     * notice ends. */
    bool (*make)(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct ch_http_request *req);
    /* True when the customer's answer ends the repetitions. */
    bool (*taken)(const struct ch_http_response *res);
};

/* Each is in the folder of its vendor. */
#define SANDBOX_NOTIFIER(notifier) extern const struct sandbox_notifier notifier;
#include "modules/sandbox/vendor_all.tbl"

/* "123 ms": a time of so many seconds at the vendor, scaled to the sandbox's clock. */
char *sandbox_scaled(struct ch_arena *a, int seconds);

#endif
