/* SPDX-License-Identifier: Apache-2.0
 * certhall-sandbox-keys: makes the keys and numbers that the hall and every vendor of the sandbox agree on, and prints the
 * lines that the hall's settings need. `--json` prints addresses and credentials for each service, so that any other client can
 * use the sandbox. `--passkeys NAME…` makes keys of the software authenticator instead, and prints a line for each: its name,
 * credential id and point, both base64url. `--sign NAME…` signs what stands on standard input with such keys, as
 * security officers do at /desk/keys, and prints the list of their signatures. */
#include "core/base/arena.h"
#include "core/base/codec.h"
#include "core/base/version.h"
#include "core/passkey/tray.h"
#include "modules/sandbox/authenticator/authenticator.h"
#include "modules/sandbox/keys_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_LINES 128
#define LONGEST_TEXT (1024 * 1024)

struct line {
    const char *key, *value;
};
struct lines {
    struct line at[MOST_LINES];
    size_t n;
};

static void add_line(struct lines *l, const char *key, const char *value)
{
    if (l->n == MOST_LINES)
        abort(); /* there are fewer rows in the vendors' tables */
    l->at[l->n++] = (struct line){key, value};
}

static const char *key_of(enum ch_conf setting)
{
    return ch_conf_row(setting)->key;
}

/* The vendors' addresses: each has a loopback host of its own, with the real vendor's paths. */
static void add_addresses(struct ch_arena *a, struct lines *l)
{
    static const struct {
        enum ch_conf setting;
        const char *scheme;
        int host;
        const char *path;
    } rows[] = {
#define SANDBOX_ADDRESS(setting, scheme, host, path) {setting, scheme, host, path},
#include "modules/sandbox/vendor_all.tbl"
    };
    const char *hall = strstr(ch_conf(CONF_ORIGIN), "://"), *colon = hall != NULL ? strchr(hall + 3, ':') : NULL;
    const char *port = colon != NULL ? colon : ":80"; /* ":8080": the vendors answer at the same port as the hall */

    for (size_t i = 0; i < CH_COUNT(rows); i++)
        add_line(l, key_of(rows[i].setting),
                 ch_printf(a, "%s://127.0.0.%d%s%s", rows[i].scheme, rows[i].host, port, rows[i].path));
}

/* All settings that the hall needs for the sandbox. */
static void add_settings(struct ch_arena *a, const struct ch_json *reg, struct lines *l)
{
    const struct {
        enum ch_conf setting;
        const char *value;
    } rows[] = {
#define SANDBOX_SETTING(setting, value) {setting, value},
#include "modules/sandbox/vendor_all.tbl"
    };

    add_addresses(a, l);
    for (const struct fact *f = facts; f < facts + facts_n; f++)
        if (f->how == SETTING)
            add_line(l, key_of(f->setting), ch_json_text(reg, f->name));
    for (size_t i = 0; i < CH_COUNT(rows); i++)
        add_line(l, key_of(rows[i].setting), rows[i].value);
}

/* The contents of secrets and keys, in place of their file names. */
static void add_secrets(struct ch_arena *a, struct lines *l)
{
    const struct {
        const char *key, *file;
    } keys[] = {
#define SANDBOX_KEY(name, kind, side, word, hall_file) {word, hall_file},
#define SANDBOX_CERTIFICATE(name, subject, use, word, hall_file) {word, hall_file},
#include "modules/sandbox/vendor_all.tbl"
    };
    for (const struct fact *f = facts; f < facts + facts_n; f++)
        if (f->how == SECRET)
            add_line(l, key_of(f->setting), keys_read(a, CONF_KEYS, ch_conf(f->setting)));
    for (size_t i = 0; i < CH_COUNT(keys); i++)
        if (keys[i].key != NULL)
            add_line(l, keys[i].key, keys_read(a, CONF_KEYS, keys[i].file));
}

/* The members of one service: the settings whose keys begin with its word, which is left out. Of several lines with the same
 * key the last one counts. */
static void put_service(struct ch_jw *w, const struct lines *l, const char *service)
{
    size_t n = strlen(service);

    ch_jw_object(w, service);
    for (size_t i = 0; i < l->n; i++) {
        bool again = false;
        for (size_t k = i + 1; k < l->n; k++)
            again |= strcmp(l->at[k].key, l->at[i].key) == 0;
        if (!again && strncmp(l->at[i].key, service, n) == 0 && l->at[i].key[n] == '_')
            ch_jw_text(w, l->at[i].key + n + 1, l->at[i].value);
    }
    ch_jw_end_object(w);
}

static void print_json(struct ch_arena *a, struct lines *l)
{
    static const char *const services[] = {
#define SANDBOX_VENDOR(word) word,
#include "modules/sandbox/vendor_all.tbl"
    };
    struct ch_jw w;

    add_secrets(a, l);
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "origin", ch_conf(CONF_ORIGIN));
    for (size_t i = 0; i < CH_COUNT(services); i++)
        put_service(&w, l, services[i]);
    ch_jw_end_object(&w);
    puts(ch_jw_done(&w));
}

static void print_passkeys(struct ch_arena *a, char **names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct authenticator_public known;
        EVP_PKEY *key = keys_passkey(a, names[i]);
        if (!authenticator_public(key, &known)) {
            fprintf(stderr, "certhall-sandbox-keys: the passkey of %s is no key of P-256\n", names[i]);
            exit(1);
        }
        printf("%s %s %s\n", names[i], ch_base64url(a, CH_BYTES(known.credential, sizeof known.credential)),
               ch_base64url(a, CH_BYTES(known.point, sizeof known.point)));
        EVP_PKEY_free(key);
    }
}

/* Signs what stands on standard input with each of these passkeys, as a page of the back office would, and prints the list of
 * signatures. */
static void print_signatures(struct ch_arena *a, char **names, size_t n)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    char *text = ch_alloc(a, LONGEST_TEXT);
    struct ch_assertion made;
    ch_tray_hash leaf;
    struct ch_jw w;

    ch_tray_leaf(CH_BYTES(text, fread(text, 1, LONGEST_TEXT, stdin)), leaf);
    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        EVP_PKEY *key = keys_passkey(a, names[i]);
        if (!authenticator_assert(a, key, &site, CH_BYTES(leaf, sizeof leaf), &made)) {
            fprintf(stderr, "certhall-sandbox-keys: the passkey of %s does not sign\n", names[i]);
            exit(1);
        }
        EVP_PKEY_free(key);
        authenticator_write(&w, a, &made);
    }
    ch_jw_end_array(&w);
    puts(ch_jw_done(&w));
}

static void print_all(struct ch_arena *a, bool json)
{
    struct lines lines = {.n = 0};
    const struct ch_json *reg = keys_make(a);

    add_settings(a, reg, &lines);
    if (json)
        print_json(a, &lines);
    else
        for (size_t i = 0; i < lines.n; i++)
            printf("%s = %s\n", lines.at[i].key, lines.at[i].value);
}

static bool good_names(char **names, size_t n)
{
    bool good = n > 0;

    for (size_t i = 0; i < n; i++)
        if (!keys_passkey_name(names[i])) {
            fprintf(stderr, "certhall-sandbox-keys: no name for a passkey: %s (1 to 32 of a-z, 0-9, - and _)\n", names[i]);
            good = false;
        }
    return good;
}

int main(int argc, char **argv)
{
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    bool passkeys = argc > 1 && strcmp(argv[1], "--passkeys") == 0, sign = argc > 1 && strcmp(argv[1], "--sign") == 0;

    if (ch_version_asked(argc, argv))
        return 0;
    if ((argc > 1 && !json && !passkeys && !sign) || ((passkeys || sign) && !good_names(argv + 2, (size_t)argc - 2))) {
        fputs("usage: certhall-sandbox-keys [--json | --passkeys NAME... | --sign NAME...]\n", stderr);
        return 2;
    }
    if (!ch_config_load())
        return 1;
    struct ch_arena *a = ch_arena_new();
    umask(077);
    if (passkeys)
        print_passkeys(a, argv + 2, (size_t)argc - 2);
    else if (sign)
        print_signatures(a, argv + 2, (size_t)argc - 2);
    else
        print_all(a, json);
    ch_arena_free(a);
    return 0;
}
