/* SPDX-License-Identifier: Apache-2.0
 * Encrypted papers as files of a folder: written aside, synced, renamed. */
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/paper/store_backend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS 256
#define IDS_STEP 256

/* store/<last two of the id>/<id>: the end of a UUIDv7 is random, its beginning is not. */
static const char *path_of(struct ch_arena *a, const char *id, const char **folder)
{
    *folder = ch_printf(a, "%s/%s", ch_conf(CONF_STORE), id + strlen(id) - 2);
    return ch_printf(a, "%s/%s", *folder, id);
}

static bool write_all(int fd, struct ch_bytes b)
{
    for (size_t done = 0; done < b.n;) {
        ssize_t n = write(fd, b.p + done, b.n - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static enum ch_err put(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted)
{
    const char *folder, *path = path_of(a, id, &folder), *aside = ch_printf(a, "%s.new", path);

    if (mkdir(folder, 0770) == 0)
        (void)!chmod(folder, 02770); /* whatever the umask: the runner, of the same group, takes papers away again */
    else if (errno != EEXIST)
        return ch_fault(f, CH_E_INTERNAL, "store: %s: %s", folder, strerror(errno));
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool ok = fd >= 0 && write_all(fd, encrypted);
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (!ok || rename(aside, path) != 0 || !sync_folder(folder))
        return ch_fault(f, CH_E_INTERNAL, "store: %s: %s", path, strerror(errno));
    return CH_OK;
}

static enum ch_err cannot_open(struct ch_fault *f, const char *path)
{
    return ch_fault(f, errno == ENOENT ? CH_E_NOT_FOUND : CH_E_INTERNAL, "store: %s: %s", path, strerror(errno));
}

static enum ch_err get(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted)
{
    const char *folder, *path = path_of(a, id, &folder);
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return cannot_open(f, path);
    if (fstat(fd, &st) != 0 || (size_t)st.st_size > CH_STORE_MAX) {
        close(fd);
        return ch_fault(f, CH_E_INTERNAL, "store: %s cannot be read", path);
    }
    unsigned char *p = ch_alloc(a, (size_t)st.st_size + 1);
    ssize_t n = read(fd, p, (size_t)st.st_size);
    close(fd);
    if (n != st.st_size)
        return ch_fault(f, CH_E_INTERNAL, "store: %s is cut short", path);
    *encrypted = CH_BYTES(p, (size_t)n);
    return CH_OK;
}

static enum ch_err gone(struct ch_arena *a, struct ch_fault *f, const char *id)
{
    const char *folder, *path = path_of(a, id, &folder);

    if (unlink(path) != 0)
        return cannot_open(f, path);
    return sync_folder(folder) ? CH_OK : ch_fault(f, CH_E_INTERNAL, "store: %s: %s", folder, strerror(errno));
}

static void add(struct ch_arena *a, struct ch_store_page *page, const char *id)
{
    if (page->n % IDS_STEP == 0) {
        const char **more = ch_alloc_array(a, page->n + IDS_STEP, sizeof *more);
        if (page->n > 0)
            memcpy(more, page->ids, page->n * sizeof *more);
        page->ids = more;
    }
    page->ids[page->n++] = id;
}

/* What lies in a folder and is old: a paper's id is noted, a file that was never finished taken away. */
static void look(struct ch_arena *a, int folder, const char *name, int64_t before, struct ch_store_page *page)
{
    const char *dot = strstr(name, ".new"), *id = dot != NULL && dot[4] == '\0' ? ch_strndup(a, name, (size_t)(dot - name)) : name;
    struct stat st;

    if (!ch_is_uuid(id) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_mtime >= before)
        return;
    if (id != name) {
        unlinkat(folder, name, 0);
        return;
    }
    add(a, page, ch_strdup(a, id));
}

/* A page is a folder: `from` is its number, two hexadecimal digits. */
static enum ch_err list(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before, struct ch_store_page *page)
{
    long at = *from != '\0' ? strtol(from, NULL, 16) : 0;
    const char *path = ch_printf(a, "%s/%02lx", ch_conf(CONF_STORE), at);
    DIR *d = opendir(path);

    if (at < FOLDERS - 1)
        page->next = ch_printf(a, "%02lx", at + 1);
    if (d == NULL)
        return errno == ENOENT ? CH_OK : cannot_open(f, path);
    for (const struct dirent *entry; (entry = readdir(d)) != NULL;)
        look(a, dirfd(d), entry->d_name, before, page);
    closedir(d);
    return CH_OK;
}

const struct ch_store_backend ch_store_file = {put, get, gone, list};
