/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: delivery reports of short messages, which anybody who knows their address can post. */
#include "core/gateway/tencent/sms_report.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_sms_reports reports;

    if (!ch_sms_report_read(a, CH_BYTES(data, size), &reports) && reports.n != 0)
        abort(); /* refused, and yet something is kept */
    if (reports.n > CH_SMS_MAX_REPORTS)
        abort();
    for (size_t i = 0; i < reports.n; i++) {
        const struct ch_sms_report *r = &reports.rows[i];
        if (*r->serial == '\0' || strlen(r->serial) > 128 || strlen(r->error) > 64 || strlen(r->description) > 256 ||
            strlen(r->mobile) > 32 || r->at < 0)
            abort();
    }
    ch_arena_free(a);
    return 0;
}
