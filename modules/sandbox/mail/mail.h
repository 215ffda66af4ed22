/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's letter box: what the mail server has taken. */
#ifndef MODULE_SANDBOX_MAIL_H
#define MODULE_SANDBOX_MAIL_H

#include "modules/sandbox/sandbox.h"

ch_handler sandbox_mails;

#endif
