/* SPDX-License-Identifier: Apache-2.0
 * The acts of two people by which staff revoke a certificate, checked before the signer publishes the revocation. */
#ifndef SIGNER_REVOCATION_H
#define SIGNER_REVOCATION_H

#include "programs/signer/signer.h"

/* Checks what was revoked since the last time: the act of who has asked and that of who has confirmed. What does not hold is logged, and
 * the database, which is told, gives the certificate out as on hold from then on. What cannot be checked now, because roster or
 * database fail, is logged and left for the next time: it is published meanwhile, since a certificate that may be revoked is not to be
 * taken for good. */
void revocations_check(struct signer *s, struct ch_arena *a);

#endif
