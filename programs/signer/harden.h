/* SPDX-License-Identifier: Apache-2.0
 * The rights that a process with the authority's keys gives up for the rest of its life. */
#ifndef SIGNER_HARDEN_H
#define SIGNER_HARDEN_H

#include "core/base/defs.h"

/* Forbids core files, debuggers, new privileges and the network: from now on socket() makes only Unix sockets. False when the
 * kernel refuses one of these. */
bool harden(void) CH_MUST;

#endif
