/* SPDX-License-Identifier: Apache-2.0
 * Encrypted papers as files in a folder. A file is written under another name, synced and renamed. */
#include "core/base/config.h"
#include "core/base/disk.h"
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

/* store/<last two digits of the id>/<id>: the end of a UUIDv7 is random, unlike its beginning. */
static const char *paper_path(struct ch_arena *a, const char *id, const char **folder)
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

/* On failure errno tells why. */
static bool write_file(const char *path, struct ch_bytes b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool ok = fd >= 0 && write_all(fd, b);
    int why = errno;

    if (fd >= 0)
        close(fd); /* after fsync it has nothing to report */
    errno = why;
    return ok;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static enum ch_err cannot_write(struct ch_fault *f, const char *path)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return ch_fault(f, full ? CH_E_FULL : CH_E_INTERNAL, "store: %s: %s", path, strerror(errno));
}

/* Uploads do not take the last of the space: the database may be in the same file system. */
static enum ch_err check_room(struct ch_fault *f)
{
    int64_t left = ch_disk_free_mb(ch_conf(CONF_STORE));

    if (left >= 0 && left < ch_conf_int(CONF_DISK_RESERVE))
        return ch_fault(f, CH_E_FULL, "store: only %lld MB are left", (long long)left);
    return CH_OK;
}

static enum ch_err put_file(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted)
{
    const char *folder, *path = paper_path(a, id, &folder), *aside = ch_printf(a, "%s.new", path);
    enum ch_err e = check_room(f);

    if (e != CH_OK)
        return e;
    if (mkdir(folder, 0770) == 0)
        (void)!chmod(folder, 02770); /* whatever the umask: the runner, which is in the same group, deletes papers */
    else if (errno != EEXIST)
        return cannot_write(f, folder);
    if (write_file(aside, encrypted) && rename(aside, path) == 0 && sync_folder(folder))
        return CH_OK;
    e = cannot_write(f, path);
    unlink(aside); /* half a file would keep its space until the sweep */
    return e;
}

static enum ch_err cannot_open(struct ch_fault *f, const char *path)
{
    return ch_fault(f, errno == ENOENT ? CH_E_NOT_FOUND : CH_E_INTERNAL, "store: %s: %s", path, strerror(errno));
}

static enum ch_err get_file(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted)
{
    const char *folder, *path = paper_path(a, id, &folder);
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

static enum ch_err delete_file(struct ch_arena *a, struct ch_fault *f, const char *id)
{
    const char *folder, *path = paper_path(a, id, &folder);

    if (unlink(path) != 0)
        return cannot_open(f, path);
    return sync_folder(folder) ? CH_OK : ch_fault(f, CH_E_INTERNAL, "store: %s: %s", folder, strerror(errno));
}

static void add_id(struct ch_arena *a, struct ch_store_page *page, const char *id)
{
    if (page->n % IDS_STEP == 0) {
        const char **more = ch_alloc_array(a, page->n + IDS_STEP, sizeof *more);
        if (page->n > 0)
            memcpy(more, page->ids, page->n * sizeof *more);
        page->ids = more;
    }
    page->ids[page->n++] = id;
}

/* Adds the id of an old paper to the page, and deletes an old file whose writing was never finished. */
static void list_file(struct ch_arena *a, int folder, const char *name, int64_t before, struct ch_store_page *page)
{
    const char *dot = strstr(name, ".new"),
               *id = dot != NULL && dot[4] == '\0' ? ch_strndup(a, name, (size_t)(dot - name)) : name;
    struct stat st;

    if (!ch_is_uuid(id) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_mtime >= before)
        return;
    if (id != name) {
        unlinkat(folder, name, 0);
        return;
    }
    add_id(a, page, ch_strdup(a, id));
}

/* A page is one folder; `from` is its name of two hexadecimal digits. */
static enum ch_err list_files(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before,
                              struct ch_store_page *page)
{
    long at = *from != '\0' ? strtol(from, NULL, 16) : 0;
    const char *path = ch_printf(a, "%s/%02lx", ch_conf(CONF_STORE), at);
    DIR *d = opendir(path);

    if (at < FOLDERS - 1)
        page->next = ch_printf(a, "%02lx", at + 1);
    if (d == NULL)
        return errno == ENOENT ? CH_OK : cannot_open(f, path);
    for (const struct dirent *entry; (entry = readdir(d)) != NULL;)
        list_file(a, dirfd(d), entry->d_name, before, page);
    closedir(d);
    return CH_OK;
}

const struct ch_store_backend ch_store_file = {put_file, get_file, delete_file, list_files};
