/* SPDX-License-Identifier: Apache-2.0
 * Importing an existing authority: its root certificate, issuing certificate and issuing key are checked and copied to the
 * signer's folder. */
#ifndef SIGNER_IMPORT_H
#define SIGNER_IMPORT_H

#include "programs/signer/hierarchy.h"

struct import_files {
    const char *root, *ca;  /* PEM or DER */
    const char *key;        /* PEM, usually PKCS#8; or the URI of a key in a token */
    const char *passphrase; /* a file whose first line decrypts the key; NULL: the key is not encrypted */
};

/* Imports the files as the hierarchy of the issuing key's algorithm, of which the folder must not have one yet; *algorithm is
 * set to its name. The key is encrypted with the folder's passphrase. Afterwards hierarchy_make makes what the hierarchy lacks.
 * CH_E_INVALID with the reason when a check fails; nothing is written then. */
enum ch_err hierarchy_import(const char *dir, const struct import_files *files, const char **algorithm,
                             struct ch_fault *f) CH_MUST;

#endif
