/* SPDX-License-Identifier: Apache-2.0
 * The log: one JSON object a line on standard error, collected by supervisor or journald.
 * No personal data, no secrets, no input values: ids, codes and our own words only. */
#ifndef CH_BASE_LOG_H
#define CH_BASE_LOG_H

#include "core/base/error.h"

enum ch_level { CH_DEBUG, CH_INFO, CH_WARN, CH_ERROR };

/* The name that every line of this process carries; not copied. */
void ch_log_program(const char *name);
/* Lines below `level` are dropped. */
void ch_log_level(enum ch_level level);

/* `request` is the request's or job's id, or NULL. */
void ch_log(enum ch_level level, const char *request, const char *fmt, ...) CH_PRINTF(3, 4);

#endif
