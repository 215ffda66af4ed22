/* SPDX-License-Identifier: Apache-2.0
 * Delivery reports of short messages, as Tencent Cloud posts them to the address registered in its console ("SMS delivery
 * status notification"): a JSON array. They are not signed, so whoever knows the address can write them: trust them
 * for display alone. */
#ifndef CH_GATEWAY_TENCENT_SMS_REPORT_H
#define CH_GATEWAY_TENCENT_SMS_REPORT_H

#include "core/base/arena.h"

#define CH_SMS_MAX_REPORTS 1000

struct ch_sms_report {
    const char *serial; /* as in the answer to SendSms; 1 to 128 bytes */
    const char *mobile; /* without the nation's code; at most 32 bytes, or "" */
    bool delivered;
    const char *error;       /* the operator's word ("DELIVRD", "MK:0001"), at most 64 bytes, or "" */
    const char *description; /* its sentence, at most 256 bytes, or "" */
    int64_t at;              /* when the phone took it, seconds since 1970; 0 when the report does not say */
};

struct ch_sms_reports {
    struct ch_sms_report *rows;
    size_t n;
};

/* What the vendor wants to read, with status 200; anything else has it report again. */
#define CH_SMS_REPORT_TAKEN "{\"result\":0,\"errmsg\":\"OK\"}"

/* False for a body that is no array of reports, or has more of them. One report that lacks its serial number or its
 * status spoils them all; members that are not known here do not. */
bool ch_sms_report_read(struct ch_arena *a, struct ch_bytes body, struct ch_sms_reports *out) CH_MUST;

#endif
