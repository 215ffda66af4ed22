/* SPDX-License-Identifier: Apache-2.0
 * The record of used decisions: rows of fixed length, the digest of the decision and that of what it was used for. */
#include "programs/signer/used.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROW ((size_t)2 * CH_SHA256_BYTES)
#define ROWS_READ 512 /* at a time */

static const char *file_of(struct ch_arena *a, const char *dir, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    gmtime_r(&t, &tm);
    return ch_printf(a, "%s/used-%04d%02d", dir, tm.tm_year + 1900, tm.tm_mon + 1);
}

enum found { ABSENT, SAME, OTHER, UNREADABLE };

/* Looks for the decision from the file's beginning. *end: where whole rows end; half a row is what a crash has left. */
static enum found look_up(int fd, const unsigned char row[ROW], off_t *end)
{
    unsigned char rows[ROWS_READ * ROW];
    ssize_t n;

    for (*end = 0; (n = pread(fd, rows, sizeof rows, *end)) >= (ssize_t)ROW; *end += n / (ssize_t)ROW * (ssize_t)ROW)
        for (const unsigned char *p = rows; p + ROW <= rows + n; p += ROW)
            if (memcmp(p, row, CH_SHA256_BYTES) == 0)
                return memcmp(p, row, ROW) == 0 ? SAME : OTHER;
    return n < 0 ? UNREADABLE : ABSENT;
}

static bool append(int fd, const unsigned char row[ROW], off_t end)
{
    return pwrite(fd, row, ROW, end) == (ssize_t)ROW && fsync(fd) == 0;
}

enum ch_err used_take(struct ch_arena *a, const char *dir, struct ch_bytes decision, int64_t time, struct ch_bytes what,
                      struct ch_fault *f)
{
    const char *path = file_of(a, dir, time);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    unsigned char row[ROW];
    off_t end;

    if (fd < 0)
        return ch_fault(f, CH_E_INTERNAL, "%s: %s", path, strerror(errno));
    ch_sha256(decision, row);
    ch_sha256(what, row + CH_SHA256_BYTES);
    enum found found = look_up(fd, row, &end);
    bool kept = found == SAME || (found == ABSENT && append(fd, row, end));
    close(fd);
    if (found == OTHER)
        return ch_fault(f, CH_E_CONFLICT, "this decision was used before");
    return kept ? CH_OK : ch_fault(f, CH_E_INTERNAL, "%s: %s", path, strerror(errno));
}
