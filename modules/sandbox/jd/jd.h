/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics in the sandbox, at 127.0.0.19. */
#ifndef MODULE_SANDBOX_JD_H
#define MODULE_SANDBOX_JD_H

#include "modules/sandbox/courier.h"

ch_handler sandbox_jd_create, sandbox_jd_cancel, sandbox_jd_trace;

#endif
