/* SPDX-License-Identifier: Apache-2.0
 * Calendars (RFC 5545): lines that end with CRLF and are folded at 75 octets, never within a character, and escaped texts. */
#ifndef CH_FORMAT_ICAL_H
#define CH_FORMAT_ICAL_H

#include "core/base/buf.h"

struct ch_ical {
    struct ch_buf out;
};

void ch_ical_init(struct ch_ical *c, struct ch_arena *a);
/* A line whose value is written as it is: a time, a rule, BEGIN and END. `name` may have parameters. */
void ch_ical_line(struct ch_ical *c, const char *name, const char *value);
/* A line whose value is a text (RFC 5545, section 3.3.11); control characters are left out. */
void ch_ical_text(struct ch_ical *c, const char *name, const char *text);
struct ch_bytes ch_ical_done(const struct ch_ical *c);

#endif
