/* SPDX-License-Identifier: Apache-2.0
 * SF Express in the sandbox, at 127.0.0.18. */
#ifndef MODULE_SANDBOX_SF_H
#define MODULE_SANDBOX_SF_H

#include "modules/sandbox/courier.h"

ch_handler sandbox_sf;

#endif
