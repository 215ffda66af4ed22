/* SPDX-License-Identifier: Apache-2.0
 * Reading a message (RFC 5322, MIME) as a mail program shows it. Pure functions. */
#ifndef MODULE_SANDBOX_MAIL_READ_H
#define MODULE_SANDBOX_MAIL_READ_H

#include "core/base/arena.h"

/* Texts are UTF-8; "" for what is missing or cannot be read. */
struct mail_view {
    const char *from, *subject, *message_id;
    const char *text; /* the first text/plain part that is not an attachment */
};
struct mail_view mail_read(struct ch_arena *a, struct ch_bytes raw);

/* Why a strict server refuses the message, or NULL: its header has bytes that are not ASCII, or a line that is not a field, or
 * a missing or repeated Date, From or Message-ID. */
const char *mail_read_fault(struct ch_arena *a, struct ch_bytes raw);

/* A field's value with its encoded words (RFC 2047) decoded. */
char *mail_read_words(struct ch_arena *a, const char *value);

#endif
