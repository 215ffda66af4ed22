/* SPDX-License-Identifier: Apache-2.0
 * The written forms of an e-mail's header: addresses (RFC 5321), other than ASCII text (RFC 2047, RFC 2231), dates
 * (RFC 5322). Pure: no settings, no clock. */
#ifndef CH_GATEWAY_MAIL_WORDS_H
#define CH_GATEWAY_MAIL_WORDS_H

#include "core/base/arena.h"

/* True for local@domain of the plain kind: dot-atoms of ASCII, at most 64 and 253 bytes. Quoted local parts, address
 * literals, white space, line ends and angle brackets are none: no text gets from an address into the dialogue. */
bool ch_mail_address(const char *s) CH_MUST;

/* Text for a header whose line has `used` columns already ("Subject: " is 9): as it stands when it is short printable
 * ASCII, else in encoded words ("=?UTF-8?B?…?=") of at most 75 characters, each holding whole characters, on lines of
 * at most 76. Control characters become blanks, so that no line can be begun. */
char *ch_mail_words(struct ch_arena *a, const char *text, size_t used);

/* "name <address>"; the address alone in angle brackets when `name` is NULL or empty. */
char *ch_mail_mailbox(struct ch_arena *a, const char *name, const char *address, size_t used);

/* The line "Content-Disposition: attachment …" for a file of that name: a plain ASCII one for old programs, and the
 * name itself as RFC 2231 has it. */
char *ch_mail_attachment(struct ch_arena *a, const char *name);

/* "Sat, 21 Nov 2026 19:53:40 +0800": Beijing time. */
char *ch_mail_date(struct ch_arena *a, int64_t seconds);

#endif
