/* SPDX-License-Identifier: Apache-2.0
 * Short messages: Tencent Cloud sms 2021-01-11, SendSms.
 *
 * A message whose answer was lost may have been sent. After CH_UNKNOWN the caller decides whether a possible second message is
 * better than none. */
#ifndef CH_GATEWAY_TENCENT_SMS_H
#define CH_GATEWAY_TENCENT_SMS_H

#include "core/gateway/outcome.h"

#define CH_SMS_MAX_PARAMS 12

struct ch_sms {
    const char *phone;                         /* mainland number, 11 digits */
    const char *sign;                          /* the approved signature, which is put before the text */
    const char *template_id;                   /* of the approved template */
    const char *params[CH_SMS_MAX_PARAMS + 1]; /* in the template's order, ended by NULL */
    const char *session; /* our id of the message, below 512 bytes, which the answer repeats; NULL: none */
};

/* On CH_ACCEPTED *serial is the carrier's number of the message. A refusal of the phone number inside a good answer
 * ("FailedOperation.PhoneNumberInBlacklist") is CH_REFUSED. The short limits (thirty seconds, an hour) are CH_UNKNOWN, since
 * nothing was sent and a later try will succeed. */
enum ch_err ch_sms_send(struct ch_arena *a, struct ch_fault *f, const struct ch_sms *sms, struct ch_answer *answer,
                        const char **serial) CH_MUST;

#endif
