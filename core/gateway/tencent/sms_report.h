/* SPDX-License-Identifier: Apache-2.0
 * Delivery reports of short messages. Tencent Cloud posts them as a JSON array to the address registered in its console ("SMS
 * delivery status notification"). They are not signed, so anybody who knows the address can send them: they may be displayed,
 * but nothing may depend on them. */
#ifndef CH_GATEWAY_TENCENT_SMS_REPORT_H
#define CH_GATEWAY_TENCENT_SMS_REPORT_H

#include "core/base/arena.h"

#define CH_SMS_MAX_REPORTS 1000

struct ch_sms_report {
    const char *serial; /* as in the answer to SendSms; 1 to 128 bytes */
    const char *mobile; /* without the country code; at most 32 bytes, or "" */
    bool delivered;
    const char *error;       /* the carrier's code ("DELIVRD", "MK:0001"), at most 64 bytes, or "" */
    const char *description; /* its sentence, at most 256 bytes, or "" */
    int64_t at;              /* when the phone received it, seconds since 1970; 0 when the report does not say */
};

struct ch_sms_reports {
    struct ch_sms_report *rows;
    size_t n;
};

/* The answer that acknowledges reports, with status 200; after any other answer the vendor sends them again. */
#define CH_SMS_REPORT_TAKEN "{\"result\":0,\"errmsg\":\"OK\"}"

/* False for a body that is not an array of reports, or has more than CH_SMS_MAX_REPORTS. A single report without serial number
 * or status makes the whole body unacceptable; unknown members do not. */
bool ch_sms_report_read(struct ch_arena *a, struct ch_bytes body, struct ch_sms_reports *out) CH_MUST;

#endif
