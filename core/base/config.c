/* SPDX-License-Identifier: Apache-2.0
 * Reads the settings file. */
#include "core/base/config.h"

#include "core/base/arena.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ch_conf_row rows[] = {
#define CH_CONF(sym, key, kind, def, doc) [sym] = {key, kind, def, doc},
#include "core/base/config_all.tbl"
#undef CH_CONF
};

/* Set once at the start and only read afterwards, so there is no lock. */
static const char *values[CH_CONF__COUNT];
static struct ch_arena *memory;

static bool parse_int(const char *s, int64_t *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    *out = v;
    return errno == 0 && end != s && *end == '\0';
}

static bool value_fits(enum ch_conf_kind kind, const char *v)
{
    int64_t ignored;
    switch (kind) {
    case CH_CONF_INT:
        return parse_int(v, &ignored);
    case CH_CONF_BOOL:
        return strcmp(v, "yes") == 0 || strcmp(v, "no") == 0;
    case CH_CONF_TEXT:
        break;
    }
    return true;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (char *end = s + strlen(s); end > s && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return s;
}

static bool set_value(char *key, char *value, int line)
{
    for (size_t i = 0; i < CH_CONF__COUNT; i++) {
        if (strcmp(rows[i].key, key) != 0)
            continue;
        if (!value_fits(rows[i].kind, value)) {
            fprintf(stderr, "settings line %d: %s: not a valid value\n", line, key);
            return false;
        }
        values[i] = value;
        return true;
    }
    fprintf(stderr, "settings line %d: unknown key %s\n", line, key);
    return false;
}

bool ch_config_parse(const char *text)
{
    int line = 0;

    if (memory == NULL)
        memory = ch_arena_new();
    for (size_t i = 0; i < CH_CONF__COUNT; i++)
        values[i] = rows[i].def;
    char *rest = ch_strdup(memory, text);
    while (rest != NULL) {
        char *l = trim(strsep(&rest, "\n"));
        line++;
        if (*l == '\0' || *l == '#')
            continue;
        char *eq = strchr(l, '=');
        if (eq == NULL) {
            fprintf(stderr, "settings line %d: no '='\n", line);
            return false;
        }
        *eq = '\0';
        if (!set_value(trim(l), trim(eq + 1), line))
            return false;
    }
    return true;
}

bool ch_config_load(void)
{
    const char *path = getenv("CERTHALL_CONF");
    char text[32 * 1024];

    if (path == NULL) {
        fputs("CERTHALL_CONF is not set: it names the settings file\n", stderr);
        return false;
    }
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    if (n == sizeof text - 1) {
        fprintf(stderr, "%s: too long\n", path);
        return false;
    }
    if (!ch_config_parse(text))
        return false;
    /* A hall that takes real money must not talk to simulated vendors. */
    if (ch_conf_bool(CONF_PRODUCTION) && ch_conf_bool(CONF_SANDBOX)) {
        fputs("settings: production = yes and sandbox = yes exclude each other\n", stderr);
        return false;
    }
    return true;
}

const struct ch_conf_row *ch_conf_row(enum ch_conf key)
{
    return &rows[key];
}

const char *ch_conf(enum ch_conf key)
{
    return values[key] != NULL ? values[key] : rows[key].def;
}

int64_t ch_conf_int(enum ch_conf key)
{
    int64_t v = 0;
    return parse_int(ch_conf(key), &v) ? v : 0;
}

bool ch_conf_bool(enum ch_conf key)
{
    return strcmp(ch_conf(key), "yes") == 0;
}
