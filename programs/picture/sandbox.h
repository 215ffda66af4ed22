/* SPDX-License-Identifier: Apache-2.0
 * The sandbox of the decoders: what the process may still do if a malicious file takes it over. */
#ifndef PICTURE_SANDBOX_H
#define PICTURE_SANDBOX_H

#include "core/base/defs.h"

/* Limits time, memory and file sizes, forbids new privileges, and allows only a list of system calls; all others fail with
 * EPERM. The process can read and write open descriptors and allocate memory, but cannot open, connect or start anything, nor
 * send a signal. Must be called after all shared objects are loaded. False when the kernel refuses: nothing may be decoded
 * then. */
bool picture_sandbox_enter(void) CH_MUST;

#endif
