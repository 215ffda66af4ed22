/* SPDX-License-Identifier: Apache-2.0
 * The program: finds the operation, reads its arguments from standard input, and prints its answer. */
#include "tests/interop/client/client.h"

#include "core/base/config.h"
#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    client_op *run;
} operations[] = {
#define CLIENT_OP(name, fn) {name, fn},
#include "tests/interop/client/operations.tbl"
#undef CLIENT_OP
};

void client_answer(struct ch_jw *out, const struct ch_answer *answer)
{
    static const char *const words[] = {[CH_UNKNOWN] = "unknown", [CH_ACCEPTED] = "accepted", [CH_REFUSED] = "refused"};

    ch_jw_text(out, "outcome", words[answer->outcome]);
    ch_jw_text(out, "code", answer->code);
    ch_jw_text(out, "message", answer->message);
    ch_jw_text(out, "request_id", answer->request_id);
}

const char *client_text(const struct ch_json *in, const char *key, const char *otherwise)
{
    const char *s = ch_json_text(in, key);
    return s != NULL ? s : otherwise;
}

int64_t client_int(const struct ch_json *in, const char *key, int64_t otherwise)
{
    int64_t v;
    return ch_json_int(in, key, &v) ? v : otherwise;
}

static struct ch_json *read_input(struct ch_arena *a)
{
    struct ch_buf text;
    struct ch_json *root = NULL;
    char piece[65536];
    size_t n;

    ch_buf_init(&text, a);
    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
        ch_buf_add(&text, piece, n);
    return ch_json_parse(a, ch_buf_bytes(&text), &root, NULL) == CH_JSON_OK ? root : NULL;
}

static int run(client_op *op)
{
    struct ch_arena *a = ch_arena_new();
    const struct ch_json *in = read_input(a);
    struct ch_fault f = {0};
    struct ch_jw out;

    if (in == NULL) {
        fputs("client: no JSON on standard input\n", stderr);
        return 2;
    }
    ch_jw_init(&out, a);
    ch_jw_object(&out, NULL);
    if (!op(a, &f, in, &out)) {
        ch_jw_text(&out, "outcome", "not set up");
        ch_jw_text(&out, "detail", f.detail);
    }
    ch_jw_end_object(&out);
    puts(ch_jw_done(&out));
    ch_arena_free(a);
    return 0;
}

int main(int argc, char **argv)
{
    ch_log_program("client");
    if (!ch_config_load())
        return 1;
    for (size_t i = 0; argc == 2 && i < CH_COUNT(operations); i++)
        if (strcmp(operations[i].name, argv[1]) == 0)
            return run(operations[i].run);
    fputs("usage: client OPERATION < input.json\n", stderr);
    return 2;
}
