/* SPDX-License-Identifier: Apache-2.0
 * Reads the clocks, and formats and parses times. */
#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t ch_now_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t ch_tick_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* The formats are constants of the callers. Declaring this with the attribute format(strftime) would warn of every two-digit
 * year, which some vendors and UTCTime require. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
char *ch_utc(struct ch_arena *a, int64_t seconds, const char *format)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char *out = ch_alloc(a, 64);

    gmtime_r(&t, &tm);
    if (strftime(out, 64, format, &tm) == 0)
        out[0] = '\0';
    return out;
}
#pragma GCC diagnostic pop

char *ch_beijing(struct ch_arena *a, int64_t seconds, const char *format)
{
    return ch_utc(a, seconds + CH_BEIJING, format);
}

char *ch_rfc3339(struct ch_arena *a, int64_t seconds)
{
    return ch_beijing(a, seconds, "%Y-%m-%dT%H:%M:%S+08:00");
}

/* Reads the offset at the end of an RFC 3339 time ("Z", "+08:00") in seconds; false when it is malformed. */
static bool parse_offset(const char *s, int64_t *offset)
{
    int h, m, used = 0;
    char sign;

    if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
        *offset = 0;
        return true;
    }
    if (sscanf(s, "%c%2d:%2d%n", &sign, &h, &m, &used) != 3 || s[used] != '\0' || (sign != '+' && sign != '-'))
        return false;
    *offset = (int64_t)(h * 3600 + m * 60) * (sign == '+' ? 1 : -1);
    return true;
}

int64_t ch_parse_rfc3339(const char *s)
{
    struct tm tm = {0};
    int used = 0;
    int64_t offset;

    if (sscanf(s, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec, &used) != 6 ||
        used == 0)
        return -1;
    s += used;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++)
            ;
    if (!parse_offset(s, &offset))
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct tm asked = tm;
    time_t t = timegm(&tm); /* normalizes a date that does not exist, so that it changes */
    if (tm.tm_mon != asked.tm_mon || tm.tm_mday != asked.tm_mday || tm.tm_hour != asked.tm_hour || tm.tm_min != asked.tm_min)
        return -1;
    return (int64_t)t - offset;
}

static int64_t parse_with(const char *s, const char *more)
{
    char whole[40];
    int n = snprintf(whole, sizeof whole, "%s%s+08:00", s, more);

    return n < (int)sizeof whole ? ch_parse_rfc3339(whole) : -1;
}

int64_t ch_parse_beijing(const char *s)
{
    return strlen(s) >= 19 && s[10] == ' ' ? parse_with(s, "") : -1;
}

int64_t ch_parse_day(const char *s)
{
    return strlen(s) == 10 ? parse_with(s, " 00:00:00") : -1;
}
