/* SPDX-License-Identifier: Apache-2.0
 * The written forms of an e-mail's header: addresses (RFC 5321), text that is not ASCII (RFC 2047, RFC 2231), and dates
 * (RFC 5322). Pure functions without settings or a clock. */
#ifndef CH_GATEWAY_MAIL_WORDS_H
#define CH_GATEWAY_MAIL_WORDS_H

#include "core/base/arena.h"

/* True for a plain local@domain: two dot-atoms of ASCII, of at most 64 and 253 bytes. Quoted local parts, address literals,
 * white space, line ends and angle brackets are refused, so that an address cannot inject commands into the SMTP dialogue. */
bool ch_mail_address(const char *s) CH_MUST;

/* Text for a header whose line has `used` columns already ("Subject: " is 9). Short printable ASCII is kept as it is; other
 * text becomes encoded words ("=?UTF-8?B?…?=") of at most 75 characters, each with whole characters, on lines of at most 76.
 * Control characters become blanks, so that the text cannot start a new header line. */
char *ch_mail_words(struct ch_arena *a, const char *text, size_t used);

/* "name <address>", or only "<address>" when `name` is NULL or empty. */
char *ch_mail_mailbox(struct ch_arena *a, const char *name, const char *address, size_t used);

/* The line "Content-Disposition: attachment …" with the file's name twice: as plain ASCII for old programs, and as RFC 2231
 * encodes it. */
char *ch_mail_attachment(struct ch_arena *a, const char *name);

/* "Sat, 21 Nov 2026 19:53:40 +0800", in Beijing time. */
char *ch_mail_date(struct ch_arena *a, int64_t seconds);

#endif
