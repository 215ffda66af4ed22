/* SPDX-License-Identifier: Apache-2.0
 * Reading a message (RFC 5322, MIME): what a mail program would show of it. Pure. */
#ifndef MODULE_SANDBOX_MAIL_READ_H
#define MODULE_SANDBOX_MAIL_READ_H

#include "core/base/arena.h"

/* All UTF-8; "" for what is not there or cannot be read. */
struct mail_view {
    const char *from, *subject, *message_id;
    const char *text; /* of the first text/plain part that is no attachment */
};
struct mail_view mail_read(struct ch_arena *a, struct ch_bytes raw);

/* What a strict server has against the message's header, or NULL: bytes that are not ASCII, a line that is no field, a
 * missing or repeated Date, From or Message-ID. */
const char *mail_read_fault(struct ch_arena *a, struct ch_bytes raw);

/* Encoded words (RFC 2047) of a field's value made readable. */
char *mail_read_words(struct ch_arena *a, const char *value);

#endif
