/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_STATUS_H
#define MODULE_STATUS_H

#include "core/pki/ocsp.h"
#include "core/signer/ca.h"
#include "core/web/input.h"
#include "core/web/request.h"
#include "status_sql.h"

ch_handler status_ocsp_post, status_ocsp_get; /* ocsp.c */
ch_handler status_serial;                     /* serial.c */
ch_handler status_find;                       /* find.c */
extern const struct ch_input status_find_body;
ch_handler status_crl;                        /* files.c */

/* The name of the CA that a request calls by its hashes, NULL for one that is not ours. */
enum ch_err status_issuer(struct ch_req *r, const struct ch_ocsp_id *id, const char **ca) CH_MUST; /* issuers.c */

/* Answers with a file that everybody may keep until `until` (seconds since 1970), or with 304 when the caller has it already.
 * `since`: when it was made. `etag` is without its quotes. */
enum ch_err status_reply(struct ch_req *r, const char *mime, struct ch_bytes body, const char *etag, int64_t since,
                         int64_t until);

#endif
