/* SPDX-License-Identifier: Apache-2.0
 * What a process with the authority's keys gives up for good. */
#ifndef SIGNER_HARDEN_H
#define SIGNER_HARDEN_H

#include "core/base/defs.h"

/* No core file, no debugger, no new privileges, and no network: from now on socket() knows Unix sockets alone. False
 * when one of them is refused. */
bool harden(void) CH_MUST;

#endif
