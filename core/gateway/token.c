/* SPDX-License-Identifier: Apache-2.0 */
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

/* What the file says. */
struct record {
    struct ch_token token; /* value NULL: none */
    int64_t fetched[MAX_FETCHES];
    size_t n;
};

static char *path_of(struct ch_arena *a, const struct ch_token_source *s, const char *ending)
{
    return ch_printf(a, "%s/%s%s", ch_conf(CONF_TOKENS), s->name, ending);
}

static bool read_file(struct ch_arena *a, const char *path, struct ch_bytes *out)
{
    char *text = ch_alloc_secret(a, MAX_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, text, MAX_FILE) : -1;

    if (fd >= 0)
        close(fd);
    *out = CH_BYTES(text, n > 0 ? (size_t)n : 0);
    return n >= 0;
}

static void read_fetches(const struct ch_json *list, int64_t since, struct record *out)
{
    const struct ch_json *node = list != NULL && list->kind == CH_JSON_ARRAY ? list->first : NULL;

    for (; node != NULL && out->n < MAX_FETCHES; node = node->next)
        if (ch_json_node_int(node, &out->fetched[out->n]) && out->fetched[out->n] > since)
            out->n++;
}

/* The file; empty when there is none, or none that can be read. */
static void load(struct ch_arena *a, const struct ch_token_source *s, struct record *out)
{
    struct ch_json *root = NULL;
    struct ch_bytes text;

    *out = (struct record){0};
    if (!read_file(a, path_of(a, s, ".json"), &text))
        return;
    if (ch_json_parse(a, text, &root, NULL) != CH_JSON_OK || ch_json_get(root, "fetched") == NULL) {
        ch_log(CH_ERROR, NULL, "token of %s: its file cannot be read, the count of fetches begins anew", s->name);
        return;
    }
    read_fetches(ch_json_get(root, "fetched"), ch_now_ms() / 1000 - s->period, out);
    const char *client = ch_json_text(root, "client"), *value = ch_json_text(root, "token");
    if (client != NULL && strcmp(client, s->client) == 0 && value != NULL &&
        ch_json_int(root, "expires", &out->token.expires))
        out->token.value = value;
}

static const char *text_of(struct ch_arena *a, const struct ch_token_source *s, const struct record *r)
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

static bool write_all(int fd, const char *text)
{
    size_t n = strlen(text);
    return write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
}

/* Only the holder of the lock writes, so that one name aside is enough. */
static enum ch_err save(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *s, const struct record *r)
{
    const char *aside = path_of(a, s, ".new"), *text = text_of(a, s, r);
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && write_all(fd, text);

    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (ok && rename(aside, path_of(a, s, ".json")) == 0)
        return CH_OK;
    return ch_fault(f, CH_E_INTERNAL, "token of %s: its file cannot be written (errno %d)", s->name, errno);
}

static bool usable(const struct record *r, const char *rejected)
{
    return r->token.value != NULL && r->token.expires - MARGIN_SECONDS > ch_now_ms() / 1000 &&
           (rejected == NULL || strcmp(r->token.value, rejected) != 0);
}

/* Under the lock: asks the vendor, unless that was done often enough. */
static enum ch_err renew(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *s, struct record *r,
                         struct ch_answer *answer, const char **token)
{
    if (r->n >= s->limit) {
        ch_log(CH_ERROR, NULL,
               "token of %s: %zu were fetched in %lld days, which is all the vendor allows; not fetched again", s->name,
               r->n, (long long)(s->period / 86400));
        *answer = (struct ch_answer){CH_UNKNOWN, "token_limit", "the vendor allows no more access tokens for now", ""};
        return CH_OK;
    }
    enum ch_err e = s->fetch(a, f, answer, &r->token);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED) {
        answer->outcome = CH_UNKNOWN; /* a token refused says nothing about the call it was wanted for */
        return e;
    }
    r->fetched[r->n++] = ch_now_ms() / 1000;
    e = save(a, f, s, r);
    if (e == CH_OK)
        *token = r->token.value;
    return e;
}

/* Waits for the lock; whoever held it may have fetched meanwhile. */
static enum ch_err renew_alone(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *s,
                               const char *rejected, struct ch_answer *answer, const char **token)
{
    struct record *r = CH_NEW(a, struct record);
    int lock = open(path_of(a, s, ".lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum ch_err e = CH_OK;

    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        e = ch_fault(f, CH_E_INTERNAL, "token of %s: no lock in folder tokens (errno %d)", s->name, errno);
    if (e == CH_OK) {
        load(a, s, r);
        if (usable(r, rejected))
            *token = r->token.value;
        else
            e = renew(a, f, s, r, answer, token);
    }
    if (lock >= 0)
        close(lock);
    return e;
}

enum ch_err ch_token_get(struct ch_arena *a, struct ch_fault *f, const struct ch_token_source *source,
                         const char *rejected, struct ch_answer *answer, const char **token)
{
    struct record *r = CH_NEW(a, struct record);

    *token = NULL;
    load(a, source, r);
    if (!usable(r, rejected))
        return renew_alone(a, f, source, rejected, answer, token);
    *token = r->token.value;
    return CH_OK;
}
