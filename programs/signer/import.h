/* SPDX-License-Identifier: Apache-2.0
 * An authority that exists already: its root and issuing certificate and the issuing key are taken into the signer's
 * folder, after it is seen that they belong together and are what they must be. */
#ifndef SIGNER_IMPORT_H
#define SIGNER_IMPORT_H

#include "programs/signer/hierarchy.h"

struct import_files {
    const char *root, *ca;  /* PEM or DER */
    const char *key;        /* PEM, PKCS#8 mostly; or the URI of a token's key */
    const char *passphrase; /* file with the line that opens the key; NULL: it is not encrypted */
};

/* Takes them in under the algorithm of the issuing key, whose place must be free; *algorithm is its name. The key is
 * encrypted anew under the folder's passphrase. What the family lacks then, hierarchy_make makes. Refused with
 * CH_E_INVALID and the reason, and nothing is written then. */
enum ch_err hierarchy_import(const char *dir, const struct import_files *files, const char **algorithm,
                             struct ch_fault *f) CH_MUST;

#endif
