/* SPDX-License-Identifier: Apache-2.0
 * Hands tied: what a decoder that strangers have taken over may still do. */
#ifndef PICTURE_SANDBOX_H
#define PICTURE_SANDBOX_H

#include "core/base/defs.h"

/* Bounds of time, memory and files, no new privileges, and a list of system calls beside which all others fail with EPERM:
 * descriptors that are open are read and written, memory is taken; nothing is opened, connected, started or sent a signal.
 * To be called after all shared objects are loaded. False when the kernel does not do it: nothing may be decoded then. */
bool picture_tie_hands(void) CH_MUST;

#endif
