/* SPDX-License-Identifier: Apache-2.0
 * Reading and making key files. */
#include "core/crypto/keyfile.h"

#include "core/base/log.h"
#include "core/base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the key; returns what is wrong with the file, or NULL. */
static const char *read_checked(int fd, unsigned char key[CH_AES_KEY])
{
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 027) != 0)
        return "open to others, wanted mode 0400 or 0440";
    if (st.st_size != CH_AES_KEY || read(fd, key, CH_AES_KEY) != CH_AES_KEY)
        return "not 32 bytes";
    return NULL;
}

bool ch_keyfile_read(const char *path, unsigned char key[CH_AES_KEY])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *fault = read_checked(fd, key);

    if (fd >= 0)
        close(fd);
    if (fault != NULL)
        ch_log(CH_ERROR, NULL, "key file %s: %s", path, fault);
    return fault == NULL;
}

/* Writes a key under a temporary name, so that nobody can read an incomplete one. */
static bool write_key(const char *path, unsigned mode)
{
    unsigned char key[CH_AES_KEY];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (fd < 0)
        return false;
    ch_random(key, sizeof key);
    bool ok = write(fd, key, sizeof key) == (ssize_t)sizeof key && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    OPENSSL_cleanse(key, sizeof key);
    return close(fd) == 0 && ok;
}

bool ch_keyfile_make(const char *path, unsigned mode)
{
    char fresh[4096];

    if (access(path, F_OK) == 0)
        return true;
    if (snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid()) >= (int)sizeof fresh)
        return false;
    bool ok = write_key(fresh, mode) && (link(fresh, path) == 0 || errno == EEXIST);
    if (!ok)
        ch_log(CH_ERROR, NULL, "key file %s: %s", path, strerror(errno));
    unlink(fresh);
    return ok;
}
