/* SPDX-License-Identifier: Apache-2.0
 * Module status: whether a certificate is valid, for programs (OCSP, revocation lists) and for people. This header declares the
 * handlers and helpers that its files share. */
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
ch_handler status_crl; /* files.c */

/* Finds the name of the CA that an OCSP request identifies by hashes; NULL for a CA that is not ours (issuers.c). */
enum ch_err status_issuer(struct ch_req *r, const struct ch_ocsp_id *id, const char **ca) CH_MUST;

/* Answers with a file that any cache may keep until `until`, or with 304 when the caller already has it. `since` is the time when
 * the file was made; both times are seconds since 1970. `etag` comes without quotes (files.c). */
enum ch_err status_reply(struct ch_req *r, const char *mime, struct ch_bytes body, const char *etag, int64_t since,
                         int64_t until);

#endif
