/* SPDX-License-Identifier: Apache-2.0
 * A module without a database, for the tests of the serve loop: what it answers tells which process answered. */
#include "core/base/clock.h"
#include "core/web/request.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The query's `text`, the path's word, how many bytes came, and who answers. */
static enum ch_err echo(struct ch_req *r)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "text", ch_query(r, "text"));
    ch_jw_int(&w, "bytes", (int64_t)r->raw.n);
    ch_jw_int(&w, "pid", getpid());
    ch_jw_text(&w, "request_id", r->id);
    ch_jw_text(&w, "address", ch_fcgi(r, "REMOTE_ADDR"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* Answers after the query's `ms`. */
static enum ch_err slow(struct ch_req *r)
{
    usleep((useconds_t)ch_query_int(r, "ms", 100, 0, 10000) * 1000);
    return echo(r);
}

/* Crashes on the request, after adding a byte to the file of the query's `trace`, which so counts how often the request came. */
static enum ch_err crash(struct ch_req *r)
{
    int fd = open(ch_query(r, "trace"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, "x", 1) != 1)
        return ch_fail(r, CH_E_INTERNAL, "no trace");
    abort();
}

/* Holds a place for a password's hash until the file of the query's `until` is gone. */
static enum ch_err hold(struct ch_req *r)
{
    enum ch_err e = ch_password_place(r);

    if (e != CH_OK)
        return e;
    while (access(ch_query(r, "until"), F_OK) == 0)
        usleep(20 * 1000);
    return echo(r);
}

/* Begins a session, which is never used. */
static enum ch_err enter(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_session_start(r, "hall", ch_session_token(r, hash), 60);
    return ch_reply_empty(r);
}

/* As many bytes as the query's `n`. */
static enum ch_err large(struct ch_req *r)
{
    size_t n = (size_t)ch_query_int(r, "n", 1000, 0, 4000000);
    char *p = ch_alloc(r->a, n);

    for (size_t i = 0; i < n; i++)
        p[i] = 'a';
    return ch_reply_file(r, "text/plain", NULL, CH_BYTES(p, n));
}

/* A file in parts of a mebibyte: as many as the query's `parts`; part number `fail` fails. The file `trace` gets a byte for each. */
struct parts {
    int64_t made, parts, fail;
    const char *trace;
};

static enum ch_err make_part(struct ch_req *r, void *state, struct ch_bytes *part, bool *more)
{
    struct parts *p = state;
    size_t n = CH_KB(1024);
    char *text = ch_alloc(r->a, n);

    if (++p->made == p->fail)
        return ch_fail(r, CH_E_UNAVAILABLE, "this part is to fail");
    int fd = p->trace != NULL ? open(p->trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (p->trace != NULL && (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0))
        return ch_fail(r, CH_E_INTERNAL, "no trace");
    memset(text, 'a' + (int)((p->made - 1) % 26), n);
    *part = CH_BYTES(text, n);
    *more = p->made < p->parts;
    return CH_OK;
}

static enum ch_err in_parts(struct ch_req *r)
{
    struct parts *p = CH_NEW(r->a, struct parts);

    *p = (struct parts){.parts = ch_query_int(r, "parts", 3, 1, 10000),
                        .fail = ch_query_int(r, "fail", 0, 0, 10000),
                        .trace = ch_query(r, "trace")};
    return ch_reply_parts(r, "text/plain", "parts.txt", make_part, p);
}

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/serve/echo", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.echo", echo},
    {"POST", "/{slug}/api/serve/echo", CH_PUBLIC, NULL, CH_KB(1), CH_TX_NONE, "serve.post", echo},
    {"GET", "/{slug}/api/serve/slow", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.slow", slow},
    {"GET", "/{slug}/api/serve/crash", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.crash", crash},
    {"GET", "/{slug}/api/serve/hold", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.hold", hold},
    {"POST", "/{slug}/api/serve/enter", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.enter", enter},
    {"GET", "/{slug}/api/serve/large", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.large", large},
    {"GET", "/{slug}/api/serve/parts", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.parts", in_parts},
    {"PUT", "/{slug}/api/serve/upload", CH_PUBLIC, NULL, CH_KB(2252), CH_TX_NONE, "serve.upload", echo},
    {"GET", "/healthz", CH_PUBLIC, NULL, 0, CH_TX_NONE, "serve.health", echo},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_module serve = {.name = "serve", .routes = tables, .no_db = true};

int main(int argc, char **argv)
{
    return ch_module_main(&serve, argc, argv);
}
