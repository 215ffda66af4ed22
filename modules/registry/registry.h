/* SPDX-License-Identifier: Apache-2.0
 * Module registry of the back office (证书与印章): certificates are found, held and revoked, electronic seals are filed and
 * withdrawn. This header declares the request bodies, handlers and helpers that its files share. */
#ifndef MODULE_REGISTRY_H
#define MODULE_REGISTRY_H

#include "core/desk/act.h"
#include "core/desk/desk.h"
#include "registry_sql.h"

struct registry_revoke_in {
    const char *reason; /* a code such as "key_compromise" */
    const char *note;
    const struct ch_json *decision; /* core/desk/signing.h */
};
struct registry_confirm_in {
    const struct ch_json *decision;
};
struct registry_seal_withdraw_in {
    const char *reason;
    const struct ch_json *decision;
};
extern const struct ch_input registry_revoke_body, registry_confirm_body, registry_seal_withdraw_body;
/* What is to be signed is asked for with the same, without the signature. */
extern const struct ch_input registry_revoke_asked, registry_seal_withdraw_asked;

/* The places that the register's texts are encrypted for (core/crypto/ring.h). */
#define REGISTRY_NOTE "revocation.note"
#define REGISTRY_ANSWER "revocation.answer"

/* Answers with the row of registry_revocation_read, with its texts decrypted (revocation.c). */
enum ch_err registry_revocation_reply(struct ch_req *r, const char *id, const struct ch_rows *rows) CH_MUST;

/* The filter ?serial= as it was typed or copied. */
struct ch_param registry_typed_serial(struct ch_req *r);

ch_handler registry_certificates, registry_revoke, registry_hold, registry_release;               /* certificates.c */
ch_handler registry_revoke_statement;                                                             /* certificates.c */
ch_handler registry_confirm_statement;                                                            /* revocation.c */
ch_handler registry_seal_statement, registry_seal_withdraw;                                       /* seals.c */
ch_handler registry_revocations, registry_revocations_csv, registry_revocation;                   /* revocation.c */
ch_handler registry_revocation_confirm, registry_revocation_refuse, registry_revocation_withdraw; /* revocation.c */
ch_handler registry_seals, registry_seal_filing, registry_seal_file, registry_sealpicture;        /* seals.c */

#endif
