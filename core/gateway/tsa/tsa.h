/* SPDX-License-Identifier: Apache-2.0
 * Time stamps by RFC 3161 over HTTP: a trusted third party signs that a text existed at a time. */
#ifndef CH_GATEWAY_TSA_H
#define CH_GATEWAY_TSA_H

#include "core/gateway/outcome.h"

/* Whether the setting tsa_url names an authority. */
bool ch_tsa_wanted(void) CH_MUST;

/* Has the SHA-256 of `data` stamped. With CH_ACCEPTED *response is the TimeStampResp (DER), whose token was checked: it is for this data
 * and this request, and signed by a certificate for time stamps under setting tsa_ca. CH_REFUSED: the authority says why; its code is the
 * name of the failure (RFC 3161, 2.4.2). An answer that cannot be trusted is CH_UNKNOWN "untrusted". */
enum ch_err ch_tsa_stamp(struct ch_arena *a, struct ch_fault *f, struct ch_bytes data, struct ch_answer *answer,
                         struct ch_bytes *response) CH_MUST;

#endif
