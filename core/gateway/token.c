/* SPDX-License-Identifier: Apache-2.0
 * Access tokens in files that all processes of the hall share. */
#include "core/gateway/token.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FETCHES 200
#define MAX_FILE 16384
#define MARGIN_SECONDS 60

/* The contents of the file. */
struct record {
    struct ch_token token;        /* its value is NULL when there is none */
    int64_t fetched[MAX_FETCHES]; /* when tokens were fetched, seconds since 1970 */
    size_t n;
};

static char *token_path(struct ch_arena *a, const struct ch_token_source *s, const char *ending)
{
    return ch_printf(a, "%s/%s%s", ch_conf(CONF_TOKENS), s->name, ending);
}

static bool read_secret_file(struct ch_arena *a, const char *path, struct ch_bytes *out)
{
    char *text = ch_alloc_secret(a, MAX_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, text, MAX_FILE) : -1;

    if (fd >= 0)
        close(fd);
    *out = CH_BYTES(text, n > 0 ? (size_t)n : 0);
    return n >= 0;
}

/* Reads the file, without the fetches that are older than the vendor's period. The record is empty when there is no file, or
 * none that can be read. */
static void load_record(struct ch_arena *a, const struct ch_token_source *s, struct record *out)
{
    struct ch_json *root = NULL;
    struct ch_bytes text;

    *out = (struct record){0};
    if (!read_secret_file(a, token_path(a, s, ".json"), &text))
        return;
    if (ch_json_parse(a, text, &root, NULL) != CH_JSON_OK || ch_json_get(root, "fetched") == NULL) {
        ch_log(CH_ERROR, NULL, "token of %s: its file cannot be read, so the count of fetches starts again at zero",
               s->name);
        return;
    }
    const struct ch_json *list = ch_json_get(root, "fetched");
    const struct ch_json *node = list->kind == CH_JSON_ARRAY ? list->first : NULL;
    int64_t since = ch_now_ms() / 1000 - s->period;
    for (; node != NULL && out->n < MAX_FETCHES; node = node->next)
        if (ch_json_node_int(node, &out->fetched[out->n]) && out->fetched[out->n] > since)
            out->n++;
    const char *client = ch_json_text(root, "client"), *value = ch_json_text(root, "token");
    if (client != NULL && strcmp(client, s->client) == 0 && value != NULL &&
        ch_json_int(root, "expires", &out->token.expires))
        out->token.value = value;
}

static const char *record_text(struct ch_arena *a, const struct ch_token_source *s, const struct record *r)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "client", s->client);
    ch_jw_text(&w, "token", r->token.value);
    ch_jw_int(&w, "expires", r->token.expires);
    ch_jw_array(&w, "fetched");
    for (size_t i = 0; i < r->n; i++)
        ch_jw_int(&w, NULL, r->fetched[i]);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* Only the holder of the lock writes, so one temporary name is enough. */
static enum ch_err save_record(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *s,
                               const struct record *r)
{
    const char *aside = token_path(a, s, ".new"), *text = record_text(a, s, r);
    size_t n = strlen(text);
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;

    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (ok && rename(aside, token_path(a, s, ".json")) == 0)
        return CH_OK;
    return ch_fault(f, CH_E_INTERNAL, "token of %s: its file cannot be written (errno %d)", s->name, errno);
}

static bool is_usable(const struct record *r, const char *rejected)
{
    return r->token.value != NULL && r->token.expires - MARGIN_SECONDS > ch_now_ms() / 1000 &&
           (rejected == NULL || strcmp(r->token.value, rejected) != 0);
}

/* Asks the vendor for a token and saves it, unless the vendor's limit is used up. The caller holds the lock. */
static enum ch_err fetch_token(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *s,
                               struct record *r, struct ch_answer *answer, const char **token)
{
    if (r->n >= s->limit) {
        ch_log(CH_ERROR, NULL,
               "token of %s: %zu were fetched in %lld days, which is all that the vendor allows; none is fetched now",
               s->name, r->n, (long long)(s->period / 86400));
        *answer = (struct ch_answer){CH_UNKNOWN, "token_limit", "the vendor allows no more access tokens for now", ""};
        return CH_OK;
    }
    enum ch_err e = s->fetch(a, f, answer, &r->token);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED) {
        answer->outcome = CH_UNKNOWN; /* a refused token says nothing about the call that needed it */
        return e;
    }
    r->fetched[r->n++] = ch_now_ms() / 1000;
    e = save_record(a, f, s, r);
    if (e == CH_OK)
        *token = r->token.value;
    return e;
}

enum ch_err ch_token_get(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *source,
                         const char *rejected, struct ch_answer *answer, const char **token)
{
    struct record *r = CH_NEW(a, struct record);
    enum ch_err e = CH_OK;

    *token = NULL;
    load_record(a, source, r);
    if (is_usable(r, rejected)) {
        *token = r->token.value;
        return CH_OK;
    }
    int lock = open(token_path(a, source, ".lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        e = ch_fault(f, CH_E_INTERNAL, "token of %s: no lock in folder tokens (errno %d)", source->name, errno);
    if (e == CH_OK) {
        load_record(a, source, r); /* another process may have fetched one while this one waited */
        if (is_usable(r, rejected))
            *token = r->token.value;
        else
            e = fetch_token(a, f, source, r, answer, token);
    }
    if (lock >= 0)
        close(lock);
    return e;
}
