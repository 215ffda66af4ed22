/* SPDX-License-Identifier: Apache-2.0
 * The sandbox of the decoders: what the process may still do if a malicious file takes it over. */
#ifndef PICTURE_SANDBOX_H
#define PICTURE_SANDBOX_H

#include "core/base/defs.h"

/* Limits time, memory and file sizes, and gives up all rights but computing (core/base/harden.h). The process can read and write
 * open descriptors and allocate memory, but cannot open, connect or start anything, nor send a signal. When its time is used up it
 * answers "no unreadable" and ends. Must be called after all shared objects are loaded. False when the kernel refuses: nothing may
 * be decoded then. */
bool picture_sandbox_enter(void) CH_MUST;

#endif
