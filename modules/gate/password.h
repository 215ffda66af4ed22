/* SPDX-License-Identifier: Apache-2.0
 * Which passwords people may choose. There are no rules of composition (NIST SP 800-63B, 5.1.1.2; ASVS 5.0, 6.2.5): a password is
 * refused if it is one of the commonly chosen ones, also with digits or signs before or behind it; if it only repeats itself or
 * counts; if it is a phone or ID card number, or a word of this place. Letters count in both cases alike. */
#ifndef GATE_PASSWORD_H
#define GATE_PASSWORD_H

#include "core/base/defs.h"

/* Reads the file of the setting `common_passwords`, a password a line in lower case, in any order. Called once, before requests
 * are served; on false it has said what is wrong. */
bool gate_passwords_load(void);

/* A rule as in core/form/rule.h: NULL for a password that may be chosen. */
const char *gate_rule_password(const char *s);

#endif
