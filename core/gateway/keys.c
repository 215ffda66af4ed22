/* SPDX-License-Identifier: Apache-2.0
 * Keys and secrets of the vendors, read from their files once and kept in a list for the whole process. */
#include "core/gateway/keys.h"

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/crypto/sign.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum kind { KEY_PRIVATE, KEY_PUBLIC, KEY_SECRET, KEY_SERIAL };

/* One file that was read. There are only a few, so a list is enough. */
struct entry {
    enum kind kind;
    const char *path;
    void *value; /* EVP_PKEY or text; NULL: could not be read */
    struct entry *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ch_arena *memory; /* never reset: keys live as long as the process */
static struct entry *entries;

static char *read_secret(const char *path)
{
    char text[256];
    FILE *f = fopen(path, "re");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;

    if (f != NULL)
        fclose(f);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    if (n == 0)
        return NULL;
    char *out = ch_alloc_secret(memory, n + 1);
    memcpy(out, text, n);
    explicit_bzero(text, sizeof text);
    return out;
}

static void *read_value(enum kind kind, const char *path)
{
    switch (kind) {
    case KEY_PRIVATE:
        return ch_key_private(path);
    case KEY_PUBLIC:
        return ch_key_public(path);
    case KEY_SECRET:
        return read_secret(path);
    case KEY_SERIAL:
        return ch_strdup(memory, path);
    }
    return NULL;
}

static void *find_or_read(enum kind kind, const char *path)
{
    pthread_mutex_lock(&lock);
    if (memory == NULL)
        memory = ch_arena_new();
    struct entry *e = entries;
    while (e != NULL && (e->kind != kind || strcmp(e->path, path) != 0))
        e = e->next;
    if (e == NULL) {
        e = CH_NEW(memory, struct entry);
        *e = (struct entry){kind, ch_strdup(memory, path), read_value(kind, path), entries};
        entries = e;
    }
    pthread_mutex_unlock(&lock);
    return e->value;
}

static void *load_named(enum kind kind, enum ch_conf setting, const char *file)
{
    char path[512];
    bool whole = file[0] == '/';

    snprintf(path, sizeof path, "%s%s%s", whole ? "" : ch_conf(CONF_KEYS), whole ? "" : "/", file);
    void *value = find_or_read(kind, path);
    if (value == NULL)
        ch_log(CH_ERROR, NULL, "setting %s: its key file cannot be read", ch_conf_row(setting)->key);
    return value;
}

EVP_PKEY *ch_keys_private(enum ch_conf setting)
{
    return load_named(KEY_PRIVATE, setting, ch_conf(setting));
}

EVP_PKEY *ch_keys_public(enum ch_conf setting)
{
    return load_named(KEY_PUBLIC, setting, ch_conf(setting));
}

const char *ch_keys_secret(enum ch_conf setting)
{
    return load_named(KEY_SECRET, setting, ch_conf(setting));
}

/* Reads the "serial=file" pair at *s and moves *s behind it. False at the end of the list. */
static bool next_pair(const char **s, char serial[128], char file[256])
{
    *s += strspn(*s, ", ");
    size_t n = strcspn(*s, ",");
    const char *eq = memchr(*s, '=', n);

    if (n == 0 || eq == NULL || eq - *s > 127 || *s + n - eq > 255)
        return false;
    snprintf(serial, 128, "%.*s", (int)(eq - *s), *s);
    snprintf(file, 256, "%.*s", (int)(*s + n - eq - 1), eq + 1);
    for (size_t k = strlen(file); k > 0 && file[k - 1] == ' ';)
        file[--k] = '\0';
    *s += n;
    return true;
}

EVP_PKEY *ch_keys_public_of(enum ch_conf setting, const char *serial)
{
    char name[128], file[256];
    const char *s = ch_conf(setting);

    while (next_pair(&s, name, file))
        if (strcmp(name, serial) == 0)
            return load_named(KEY_PUBLIC, setting, file);
    return NULL;
}

const char *ch_keys_first_serial(enum ch_conf setting)
{
    char name[128], file[256];
    const char *s = ch_conf(setting);

    return next_pair(&s, name, file) ? find_or_read(KEY_SERIAL, name) : "";
}
