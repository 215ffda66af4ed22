/* SPDX-License-Identifier: Apache-2.0
 * The settings of external authorities. They come from files; nothing here needs a network. */
#include "core/gateway/cmp/cmp.h"

#include "core/base/config.h"
#include "core/pki/certificate.h"
#include "core/signer/ca.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FILE_MOST 4096
#define NAMES_MOST 16
#define ENDING ".conf"

static const struct key {
    const char *word;
    size_t member;
    bool file; /* the value is a file name; one without "/" is relative to the folder */
} keys[] = {
    {"algorithm", offsetof(struct ch_cmp, algorithm), false},
    {"url", offsetof(struct ch_cmp, url), false},
    {"reference", offsetof(struct ch_cmp, reference), false},
    {"trusted", offsetof(struct ch_cmp, trusted), true},
    {"secret", offsetof(struct ch_cmp, secret), true},
    {"certificate", offsetof(struct ch_cmp, certificate), true},
    {"key", offsetof(struct ch_cmp, key), true},
    {"server", offsetof(struct ch_cmp, server), true},
};

static char *trim(char *s)
{
    s += strspn(s, " \t\r");
    for (char *end = s + strlen(s); end > s && strchr(" \t\r", end[-1]) != NULL;)
        *--end = '\0';
    return s;
}

static bool set_value(struct ch_arena *a, struct ch_cmp *c, const char *word, const char *value)
{
    for (size_t i = 0; i < CH_COUNT(keys); i++) {
        if (strcmp(keys[i].word, word) != 0)
            continue;
        if (keys[i].file && strchr(value, '/') == NULL)
            value = ch_printf(a, "%s/%s", ch_conf(CONF_CMP), value);
        memcpy((char *)c + keys[i].member, &value, sizeof value);
        return *value != '\0';
    }
    return false;
}

/* Reads lines `key = value`, skipping blank ones and those that begin with #. Returns 0, or the number of the line that is
 * wrong. */
static int parse_settings(struct ch_arena *a, char *text, struct ch_cmp *c)
{
    for (int number = 1; text != NULL; number++) {
        char *line = trim(strsep(&text, "\n"));
        char *equals = strchr(line, '=');

        if (*line == '\0' || *line == '#')
            continue;
        if (equals == NULL)
            return number;
        *equals = '\0';
        if (!set_value(a, c, trim(line), trim(equals + 1)))
            return number;
    }
    return 0;
}

/* The setting that is missing or wrong; NULL when all are right. */
static const char *missing_setting(const struct ch_cmp *c)
{
    if (!ch_alg_known(c->algorithm))
        return "algorithm";
    if (c->url == NULL || strncmp(c->url, "http://", 7) != 0)
        return "url (http://host[:port]/path)";
    if (c->trusted == NULL)
        return "trusted";
    if ((c->secret != NULL) == (c->certificate != NULL))
        return "secret, or certificate with key: one of the two";
    if (c->secret != NULL)
        return c->reference == NULL ? "reference" : NULL;
    return c->key == NULL ? "key" : c->server == NULL ? "server" : NULL;
}

static char *read_settings_file(struct ch_arena *a, const char *path)
{
    FILE *in = fopen(path, "re");
    char *text = ch_alloc(a, FILE_MOST + 1);
    size_t n = in != NULL ? fread(text, 1, FILE_MOST + 1, in) : 0;

    if (in != NULL)
        fclose(in);
    return in != NULL && n <= FILE_MOST ? text : NULL;
}

enum ch_err ch_cmp_read(struct ch_arena *a, struct ch_fault *f, const char *name, struct ch_cmp *out)
{
    struct ch_cmp c = {.name = ch_strdup(a, name)};
    const char *path = ch_printf(a, "%s/%s" ENDING, ch_conf(CONF_CMP), name);

    if (!ch_ca_payload_ok(CH_CA_NAME, name, strlen(name)))
        return ch_fault(f, CH_E_INTERNAL, "no name of an external authority");
    char *text = read_settings_file(a, path);
    if (text == NULL)
        return ch_fault(f, CH_E_INTERNAL, "%s cannot be read", path);
    int line = parse_settings(a, text, &c);
    if (line > 0)
        return ch_fault(f, CH_E_INTERNAL, "%s line %d: wrong", path, line);
    if (missing_setting(&c) != NULL)
        return ch_fault(f, CH_E_INTERNAL, "%s: missing or wrong: %s", path, missing_setting(&c));
    *out = c;
    return CH_OK;
}

const char *const *ch_cmp_names(struct ch_arena *a)
{
    const char **names = ch_alloc_array(a, NAMES_MOST + 1, sizeof *names);
    DIR *dir = ch_conf(CONF_CMP)[0] != '\0' ? opendir(ch_conf(CONF_CMP)) : NULL;
    size_t n = 0, ending = strlen(ENDING);

    for (struct dirent *e; dir != NULL && n < NAMES_MOST && (e = readdir(dir)) != NULL;) {
        const char *file = e->d_name;
        size_t length = strlen(file);
        /* Names must fit the signer's protocol as well. */
        if (length > ending && strcmp(file + length - ending, ENDING) == 0 &&
            ch_ca_payload_ok(CH_CA_NAME, file, length - ending))
            names[n++] = ch_strndup(a, file, length - ending);
    }
    names[n] = NULL;
    if (dir != NULL)
        closedir(dir);
    return names;
}

static void free_stack(void *stack)
{
    sk_X509_pop_free(stack, X509_free);
}

STACK_OF(X509) *ch_cmp_trusted(struct ch_arena *a, const struct ch_cmp *c)
{
    BIO *in = BIO_new_file(c->trusted, "r");
    STACK_OF(X509) *out = sk_X509_new_null();
    bool ok = in != NULL && out != NULL;

    /* Each certificate goes through ch_cert_read, which knows what SM2 needs. */
    for (X509 *plain; ok && (plain = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL;) {
        X509 *cert = ch_cert_read(ch_cert_der(a, plain));
        X509_free(plain);
        ok = cert != NULL && sk_X509_push(out, cert) > 0;
    }
    BIO_free(in);
    ERR_clear_error();
    if (ok && sk_X509_num(out) > 0) {
        ch_defer(a, free_stack, out);
        return out;
    }
    free_stack(out);
    return NULL;
}
