/* SPDX-License-Identifier: Apache-2.0
 * Text inside HTML. */
#ifndef MODULE_SANDBOX_HTML_H
#define MODULE_SANDBOX_HTML_H

#include "core/base/arena.h"

/* Safe as element content and inside a double-quoted attribute. */
char *html_escape(struct ch_arena *a, const char *s);

#endif
