/* SPDX-License-Identifier: Apache-2.0
 * Writes each line of the log with one write(). */
#include "core/base/log.h"

#include "core/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "certhall";
static enum ch_level lowest = CH_INFO;

void ch_log_program(const char *name)
{
    program = name;
}

void ch_log_level(enum ch_level level)
{
    lowest = level;
}

/* Writes a text as the content of a JSON string; what does not fit is cut. */
static size_t put_escaped(char *out, size_t size, const char *s)
{
    size_t n = 0;

    for (; *s != '\0' && n + 7 < size; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            out[n++] = '\\';
            out[n++] = (char)c;
        } else if (c < 0x20) {
            n += (size_t)snprintf(out + n, size - n, "\\u%04x", c);
        } else {
            out[n++] = (char)c;
        }
    }
    out[n] = '\0';
    return n;
}

void ch_log(enum ch_level level, const char *request, const char *fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char text[768], escaped[1200], line[1600];
    va_list ap;

    if (level < lowest)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_escaped(escaped, sizeof escaped, text);
    int n = snprintf(line, sizeof line,
                     "{\"ms\":%lld,\"level\":\"%s\",\"program\":\"%s\",\"pid\":%d,\"request\":\"%s\",\"msg\":\"%s\"}\n",
                     (long long)ch_now_ms(), names[level], program, (int)getpid(), request != NULL ? request : "", escaped);
    if (n > (int)sizeof line - 1)
        n = (int)sizeof line - 1;
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return; /* there is nowhere to report it */
}
