/* SPDX-License-Identifier: Apache-2.0
 * Rules for single values, and masks for personal data. A rule returns NULL for a good value, otherwise a sentence that tells the
 * person what to correct. Lengths that the input tables check are not checked again. */
#ifndef CH_FORM_RULE_H
#define CH_FORM_RULE_H

#include "core/base/arena.h"

const char *ch_rule_idcard(const char *s); /* GB 11643: date and check digit; X in upper case */
const char *ch_rule_uscc(const char *s);   /* GB 32100: unified social credit code */
const char *ch_rule_mobile(const char *s); /* mainland mobile, 11 digits */
const char *ch_rule_email(const char *s);
const char *ch_rule_account(const char *s);  /* bank account: 8 to 32 digits, '-' allowed */
const char *ch_rule_postcode(const char *s); /* 6 digits */
const char *ch_rule_cnaps(const char *s);    /* 12 digits of an opening branch */
const char *ch_rule_tax_no(const char *s);   /* 15 to 20 capital letters and digits */
const char *ch_rule_name(const char *s);     /* no control characters, no spaces at the ends */
const char *ch_rule_digits6(const char *s);  /* a code sent by SMS */
const char *ch_rule_date(const char *s);     /* 2026-01-31, a day that exists */
const char *ch_rule_tracking(const char *s); /* a courier's waybill: 8 to 24 digits and capital letters */
const char *ch_rule_serial(const char *typed); /* a certificate's serial number as typed: 16 to 40 upper-case hex digits */

/* A serial number as it was typed or copied, without blanks, colons and hyphens. Upper and lower case stay. The arena owns the
 * result. */
char *ch_serial_bare(struct ch_arena *a, const char *typed);

/* Personal data with most of it masked. The arena owns the result. */
char *ch_rule_mask_mobile(struct ch_arena *a, const char *s);  /* 138****1234 */
char *ch_rule_mask_id(struct ch_arena *a, const char *s);      /* 4405**********0014 */
char *ch_rule_mask_name(struct ch_arena *a, const char *s);    /* 张* */
char *ch_rule_mask_account(struct ch_arena *a, const char *s); /* **** **** 1234 */

#endif
