/* SPDX-License-Identifier: Apache-2.0
 * Clocks, and times as text. People and vendors get Beijing time (UTC+8 without daylight saving time). */
#ifndef CH_BASE_CLOCK_H
#define CH_BASE_CLOCK_H

#include "core/base/arena.h"

#include <time.h>

/* What Beijing is ahead of UTC, in seconds. */
#define CH_BEIJING (8 * 3600)

/* The wall clock, in milliseconds since 1970-01-01 UTC. */
int64_t ch_now_ms(void);
/* A clock that never jumps, in milliseconds: for time-outs. */
int64_t ch_tick_ms(void);

/* Seconds since 1970 -> "2026-11-21T10:00:00+08:00". */
char *ch_rfc3339(struct ch_arena *a, int64_t seconds);
/* Seconds since 1970 of an RFC 3339 time with any offset; -1 when the text is not one. Fractions of a second are ignored. */
int64_t ch_parse_rfc3339(const char *s);
/* The same of a time in Beijing, "2026-11-21 10:00:00" with or without fractions of a second. */
int64_t ch_parse_beijing(const char *s);
/* The same of midnight in Beijing at the beginning of a day, "2026-11-21". */
int64_t ch_parse_day(const char *s);
/* strftime of Beijing time, at most 63 characters. */
char *ch_beijing(struct ch_arena *a, int64_t seconds, const char *format);
/* strftime of UTC, at most 63 characters. */
char *ch_utc(struct ch_arena *a, int64_t seconds, const char *format);

#endif
