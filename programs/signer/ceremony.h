/* SPDX-License-Identifier: Apache-2.0
 * A key ceremony: named people are present, say what it is for, agree by typing it, and get a written record to print
 * and sign by hand: ceremony-<algorithm>-<time>.txt in the signer's folder. It makes what hierarchy_make makes. */
#ifndef SIGNER_CEREMONY_H
#define SIGNER_CEREMONY_H

#include "programs/signer/hierarchy.h"

#include <stdio.h>

#define CEREMONY_LEAST 2 /* people */
#define CEREMONY_MOST 12

/* Keys that were made in a token before: "root=pkcs11:…"; NULL behind the last. The roles are root, ca, ocsp, seal. */
struct ceremony_order {
    const char *dir, *algorithm;
    const char *const *keys;
    const struct authority *who;
};

/* Asks on `out`, reads answers from `in`, a line each. CH_E_CONFLICT, and nothing is made, when fewer than two
 * people are named or something else is typed than what is asked for. */
enum ch_err ceremony_hold(const struct ceremony_order *order, FILE *in, FILE *out, struct ch_fault *f) CH_MUST;

#endif
