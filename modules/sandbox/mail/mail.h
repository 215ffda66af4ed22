/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's letter box: the e-mail that the mail server has accepted. */
#ifndef MODULE_SANDBOX_MAIL_H
#define MODULE_SANDBOX_MAIL_H

#include "modules/sandbox/sandbox.h"

ch_handler sandbox_mails;

#endif
