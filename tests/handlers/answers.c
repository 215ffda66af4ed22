/* SPDX-License-Identifier: Apache-2.0
 * core/db without a database: a statement is answered as the run says. */
#include "tests/handlers/handlers.h"

#include "core/gateway/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ch_db {
    bool open;
};

struct answer {
    const struct ch_stmt *stmt;
    enum handlers_answer kind;
};

static struct handlers_run *run;

void handlers_answer_for(struct handlers_run *r)
{
    run = r;
}

static void note_wrong(const char *what, const char *stmt, const char *name)
{
    if (run->wrong[0] == '\0')
        snprintf(run->wrong, sizeof run->wrong, "%s: %s of %s", what, name, stmt);
}

/* The session check answers as for a caller who is allowed. */
static enum handlers_answer choose(const struct ch_stmt *stmt)
{
    if (strcmp(stmt->name, "caller_enter") == 0)
        return HANDLERS_VALUES;
    size_t i = run->n++;
    if (i >= CH_COUNT(run->given))
        return HANDLERS_NO_ROW;
    run->names[i] = stmt->name;
    return run->given[i];
}

struct ch_db *ch_db_open(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists)
{
    (void)conninfo, (void)role, (void)lists;
    return calloc(1, sizeof(struct ch_db));
}

struct ch_db *ch_db_await(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists)
{
    return ch_db_open(conninfo, role, lists);
}

void ch_db_close(struct ch_db *db)
{
    free(db);
}

enum ch_err ch_db_run(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *calls, size_t n,
                      struct ch_rows *rows)
{
    (void)db, (void)f;
    for (size_t i = 0; i < n; i++) {
        struct answer *answer = CH_NEW(a, struct answer);
        *answer = (struct answer){calls[i].stmt, choose(calls[i].stmt)};
        rows[i] = (struct ch_rows){answer, answer->kind != HANDLERS_NO_ROW};
    }
    return CH_OK;
}

enum ch_err ch_db_one(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, struct ch_call call, struct ch_rows *rows)
{
    struct ch_rows ignored;
    return ch_db_run(db, a, f, &call, 1, rows != NULL ? rows : &ignored);
}

enum ch_err ch_db_begin(struct ch_db *db, struct ch_fault *f)
{
    (void)f;
    db->open = true;
    return CH_OK;
}

enum ch_err ch_db_commit(struct ch_db *db, struct ch_fault *f)
{
    (void)f;
    db->open = false;
    return CH_OK;
}

void ch_db_rollback(struct ch_db *db)
{
    db->open = false;
}

/* Whether the statement's text has the word. */
static bool has_word(const char *sql, const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t n = strlen(word);

    for (const char *at = strstr(sql, word); at != NULL; at = strstr(at + 1, word))
        if ((at == sql || strchr(letters, at[-1]) == NULL) && (at[n] == '\0' || strchr(letters, at[n]) == NULL))
            return true;
    return false;
}

bool ch_col_there(const struct ch_rows *r, const char *name)
{
    const struct answer *answer = r->result;
    return has_word(answer->stmt->sql, name);
}

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

/* What a project shows is read anew in every run, since no two have the same slug. */
static const char spec[] = "{\"revision\":1,\"fields\":[],\"businesses\":[\"new\",\"seal\",\"reissue\"],\"project\":{},"
                           "\"types\":[{\"code\":\"institution\",\"name\":\"机构证书\",\"person\":\"institution\"}]}";

/* A value by the name of its column. Most columns are texts, numbers or truth values; "1" can be each of them. */
static const char *value_of(const struct ch_rows *r, const char *name)
{
    const struct answer *answer = r->result;

    if (strcmp(answer->stmt->name, "form_spec") == 0)
        return spec;
    static const struct {
        const char *end, *value;
    } values[] = {
        {"out", "{}"},
        {"id", HANDLERS_ID},
        {"identity", HANDLERS_ID},
        {"certificate", HANDLERS_ID},
        {"sealpicture", HANDLERS_ID},
        {"_at", "2026-01-31T08:00:00+08:00"},
        {"word", "ok"},
        {"slug", "example-port"},
        {"number", "202601310800000001"},
        {"person", "institution"},
        {"role", "agent"},
        {"progress", "{}"},
        {"project", "{}"},
        {"mime", "image/png"},
    };
    for (size_t i = 0; i < CH_COUNT(values); i++)
        if (ends_in(name, values[i].end))
            return values[i].value;
    return "1";
}

/* The kind of the answer, if row and column exist; a handler that reads another one is wrong. */
static enum handlers_answer read_answer(const struct ch_rows *r, int row, const char *name)
{
    const struct answer *answer = r->result;

    if (answer == NULL || row < 0 || row >= r->n) {
        note_wrong("reads a row that is not there", answer != NULL ? answer->stmt->name : "no answer", name);
        return HANDLERS_NO_ROW;
    }
    if (!has_word(answer->stmt->sql, name))
        note_wrong("reads a column that the statement does not return", answer->stmt->name, name);
    return answer->kind;
}

const char *ch_col(const struct ch_rows *r, int row, const char *name)
{
    return read_answer(r, row, name) == HANDLERS_VALUES ? value_of(r, name) : NULL;
}

const char *ch_col_text(const struct ch_rows *r, int row, const char *name)
{
    const char *s = ch_col(r, row, name);
    return s != NULL ? s : "";
}

int64_t ch_col_int(const struct ch_rows *r, int row, const char *name)
{
    return read_answer(r, row, name) == HANDLERS_VALUES ? 1 : 0;
}

bool ch_col_bool(const struct ch_rows *r, int row, const char *name)
{
    return read_answer(r, row, name) == HANDLERS_VALUES;
}

/* Encrypted bytes are answered in clear: a phone number, or a form. */
struct ch_bytes ch_col_bytes(const struct ch_rows *r, struct ch_arena *a, int row, const char *name)
{
    if (read_answer(r, row, name) != HANDLERS_VALUES)
        return CH_BYTES(NULL, 0);
    return ch_bytes_dup(a, strstr(name, "phone") != NULL
                               ? CH_LIT("13900000009")
                               : CH_LIT("{\"cert_type\":\"institution\",\"unit_name\":\"某单位\",\"legal_name\":\"张三\","
                                        "\"agent_name\":\"李四\",\"agent_id\":\"11010519491231002X\","
                                        "\"agent_mobile\":\"13900000009\"}"));
}

/* The linker puts these in the place of ch_decrypt and ch_signature_right (tools/sources): what is encrypted and signed is what the
 * test has made up. */
bool __wrap_ch_signature_right(const struct ch_signature *s, struct ch_bytes secret, const char *base);
bool __wrap_ch_signature_right(const struct ch_signature *s, struct ch_bytes secret, const char *base)
{
    (void)s, (void)secret, (void)base;
    return true;
}

bool __wrap_ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                       struct ch_bytes encrypted, struct ch_bytes *plain);
bool __wrap_ch_decrypt(const struct ch_ring *r, struct ch_arena *a, const char *place, const char *row,
                       struct ch_bytes encrypted, struct ch_bytes *plain)
{
    (void)r, (void)place, (void)row;
    *plain = CH_BYTES(ch_strndup(a, encrypted.p, encrypted.n), encrypted.n);
    return encrypted.p != NULL;
}
