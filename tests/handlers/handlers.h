/* SPDX-License-Identifier: Apache-2.0
 * Every handler of a module with every answer that the database can give it: no row, a row of NULLs, a row with values.
 *
 * The program is the module's own main() and handlers, linked with these files in place of core's main program and of core/db:
 * ch_module_main (drive.c) walks through the module's routes, and the database (answers.c) is made of choices. A route is run
 * with every combination of choices for its first statements, each time through all of core/web, from the parameters of the
 * request to the reply. */
#ifndef TESTS_HANDLERS_H
#define TESTS_HANDLERS_H

#include "core/web/input.h"
#include "core/web/request.h"

#define HANDLERS_ID "0192f3a0-0000-7000-8000-000000000001" /* every id that the database answers with */

enum handlers_answer { HANDLERS_NO_ROW, HANDLERS_NULLS, HANDLERS_VALUES, HANDLERS_ANSWERS };

/* The answers that the statements of a run got, in their order, in memory that survives the run. */
struct handlers_run {
    enum handlers_answer given[8];
    const char *names[8]; /* of the statements */
    size_t n;             /* statements so far; those behind the last choice are answered with no row */
    char wrong[256];      /* what the run did wrong short of crashing, or "" */
    int runs;             /* of the route so far */
    size_t most;          /* statements that one of them has made */
};

/* The run that the database answers for. */
void handlers_answer_for(struct handlers_run *run);

/* A body that the table takes: with all its fields (variant 0), with the required ones alone (1), and with one optional field
 * besides (2 and more). NULL when there is no such variant. */
const char *handlers_body(struct ch_arena *a, const struct ch_input *spec, size_t variant);

#endif
