/* SPDX-License-Identifier: Apache-2.0
 * Imports the list of opening branches from a CSV file with the columns cnaps, bank and name, which is read as a stream. The file
 * replaces the whole former list: a branch that it does not contain is kept for the orders that name it, but no longer offered.
 * Every wrong line is reported with its number, and if there are any, nothing is changed. */
#include "programs/admin/admin.h"

#include "core/base/codec.h"
#include "core/form/rule.h"
#include "core/format/csv_read.h"
#include "core/json/json.h"

#include <errno.h>
#include <string.h>

#define BATCH 1000 /* rows of one statement */
#define COLUMNS 3
#define BANK_MAX 60 /* code points */
#define NAME_MAX_POINTS 120

struct import {
    struct ch_db *db;
    struct ch_arena *a; /* holds one batch */
    const char *path;
    struct ch_jw rows;
    size_t in_batch, wrong;
};

static bool run_statement(struct import *i, struct ch_call call, struct ch_rows *rows)
{
    struct ch_fault f = {0};
    bool ok = ch_db_one(i->db, i->a, &f, call, rows) == CH_OK;

    if (!ok)
        fprintf(stderr, "%s: %s%s\n", i->path, f.sentence, f.detail);
    return ok;
}

static void report_line(struct import *i, size_t line, const char *why)
{
    fprintf(stderr, "%s:%zu: %s\n", i->path, line, why);
    i->wrong++;
}

static bool name_fits(const char *s, size_t most)
{
    size_t points = 0;
    return ch_utf8(s, strlen(s), &points) && points >= 2 && points <= most && ch_rule_name(s) == NULL;
}

/* What is wrong with a row; NULL when it is right. */
static const char *row_error(const struct ch_csv_row *row)
{
    if (row->n != COLUMNS)
        return "not three cells";
    if (ch_rule_cnaps(row->cells[0]) != NULL)
        return "the number of a branch has 12 digits";
    if (!name_fits(row->cells[1], BANK_MAX))
        return "the bank's name is missing, too short or too long";
    return name_fits(row->cells[2], NAME_MAX_POINTS) ? NULL : "the branch's name is missing, too short or too long";
}

static bool send_batch(struct import *i)
{
    ch_jw_end_array(&i->rows);
    bool ok = i->in_batch == 0 || run_statement(i, CH_CALL(&admin_bank_import_add, ch_p_text(ch_jw_done(&i->rows))), NULL);

    ch_arena_reset(i->a);
    ch_jw_init(&i->rows, i->a);
    ch_jw_array(&i->rows, NULL);
    i->in_batch = 0;
    return ok;
}

static bool add_row(struct import *i, const struct ch_csv_row *row)
{
    const char *why = row_error(row);

    if (why != NULL) {
        report_line(i, row->line, why);
        return true;
    }
    ch_jw_array(&i->rows, NULL);
    ch_jw_int(&i->rows, NULL, (int64_t)row->line);
    for (size_t c = 0; c < COLUMNS; c++)
        ch_jw_text(&i->rows, NULL, row->cells[c]);
    ch_jw_end_array(&i->rows);
    return ++i->in_batch < BATCH || send_batch(i);
}

/* The first row has to contain the names of the columns. */
static bool read_header(struct import *i, struct ch_csv_reader *r, struct ch_csv_row *row)
{
    static const char *const names[COLUMNS] = {"cnaps", "bank", "name"};
    bool good = ch_csv_next(r, row) == CH_CSV_ROW && row->n == COLUMNS;

    for (size_t c = 0; good && c < COLUMNS; c++)
        good = strcmp(row->cells[c], names[c]) == 0;
    if (!good)
        report_line(i, 1, "the first line has to be: cnaps,bank,name");
    return good;
}

static bool read_rows(struct import *i, FILE *f)
{
    struct ch_csv_reader r = {.f = f};
    struct ch_csv_row row;
    enum ch_csv_got got;

    if (!read_header(i, &r, &row))
        return false;
    ch_jw_init(&i->rows, i->a);
    ch_jw_array(&i->rows, NULL);
    while ((got = ch_csv_next(&r, &row)) != CH_CSV_END) {
        if (got == CH_CSV_WRONG)
            report_line(i, row.line, row.wrong);
        else if (!add_row(i, &row))
            return false;
    }
    return send_batch(i);
}

/* Reports numbers that the file contains twice; the database finds them after all rows have arrived. */
static bool report_duplicates(struct import *i)
{
    struct ch_rows rows;

    if (!run_statement(i, CH_CALL0(&admin_bank_import_twice), &rows))
        return false;
    for (int n = 0; n < rows.n; n++)
        report_line(i, (size_t)ch_col_int(&rows, n, "line"),
                    ch_printf(i->a, "%s stands in line %s already", ch_col(&rows, n, "cnaps"), ch_col(&rows, n, "first")));
    return true;
}

static bool replace_list(struct import *i)
{
    struct ch_rows rows;

    if (!run_statement(i, CH_CALL0(&admin_bank_import_end), &rows))
        return false;
    printf("%s: %s branches are offered; %s added, %s changed, %s no longer offered\n", i->path,
           ch_col(&rows, 0, "offered"), ch_col(&rows, 0, "added"), ch_col(&rows, 0, "changed"), ch_col(&rows, 0, "gone"));
    return true;
}

/* Imports in one transaction, which any wrong line rolls back. */
static bool import_branches(struct import *i, FILE *f)
{
    struct ch_fault fault = {0};
    bool ok = ch_db_begin(i->db, &fault) == CH_OK &&
              run_statement(i, CH_CALL(&admin_enter, ch_p_text("admin.banks")), NULL) &&
              run_statement(i, CH_CALL0(&admin_bank_import_begin), NULL) && read_rows(i, f) && report_duplicates(i);

    if (i->wrong > 0)
        fprintf(stderr, "%s: %zu lines are wrong, nothing was changed\n", i->path, i->wrong);
    ok = ok && i->wrong == 0 && replace_list(i) && ch_db_commit(i->db, &fault) == CH_OK;
    ch_db_rollback(i->db);
    return ok;
}

int admin_banks(struct ch_arena *a, int argc, char **argv)
{
    (void)a;
    if (argc != 2 || strcmp(argv[0], "import") != 0)
        return 2;
    FILE *f = fopen(argv[1], "re");
    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    struct import i = {.db = admin_db(), .a = ch_arena_new(), .path = argv[1]};
    bool ok = i.db != NULL && import_branches(&i, f);

    ch_db_close(i.db);
    ch_arena_free(i.a);
    fclose(f);
    return ok ? 0 : 1;
}
