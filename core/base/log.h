/* SPDX-License-Identifier: Apache-2.0
 * The log: one JSON object in each line on standard error, collected by supervisor or journald. Lines contain ids, codes and
 * fixed texts only: no personal data, no secrets, no input values. */
#ifndef CH_BASE_LOG_H
#define CH_BASE_LOG_H

#include "core/base/error.h"

enum ch_level { CH_DEBUG, CH_INFO, CH_WARN, CH_ERROR };

/* Sets the name of the program for every line of this process; not copied. */
void ch_log_program(const char *name);
/* Drops lines below `level`. */
void ch_log_level(enum ch_level level);

/* Writes a line; a long text is cut. `request` is the id of the request or job, or NULL. */
void ch_log(enum ch_level level, const char *request, const char *fmt, ...) CH_PRINTF(3, 4);

#endif
