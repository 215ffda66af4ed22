/* SPDX-License-Identifier: Apache-2.0
 * A key ceremony: at least two people are named, give the purpose, and consent by typing a sentence. The ceremony makes what
 * hierarchy_make makes, and writes a record to print and sign by hand: ceremony-<algorithm>-<time>.txt in the signer's folder. */
#ifndef SIGNER_CEREMONY_H
#define SIGNER_CEREMONY_H

#include "programs/signer/hierarchy.h"

#include <stdio.h>

#define CEREMONY_LEAST 2 /* people */
#define CEREMONY_MOST 12

struct ceremony_order {
    const char *dir, *algorithm;
    /* Keys that were made in a token before, such as "root=pkcs11:…", ended by NULL. The roles are root, ca, ocsp, seal and evidence. */
    const char *const *keys;
    const struct authority *who;
};

/* Asks on `out` and reads the answers from `in`, one on each line. CH_E_CONFLICT, and nothing is made, when there is no purpose,
 * fewer than two people are named, or the consent is not typed as asked for. */
enum ch_err ceremony_hold(const struct ceremony_order *order, FILE *in, FILE *out, struct ch_fault *f) CH_MUST;

#endif
