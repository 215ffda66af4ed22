/* SPDX-License-Identifier: Apache-2.0
 * certhall-admin: the commands of an operator, and the compiled-in tables as the build and the tests ask for them. This header
 * declares the commands and the helpers that they share. */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "admin_sql.h"
#include "core/base/error.h"
#include "core/db/db.h"
#include "core/json/json.h"
#include "core/passkey/roster.h"

/* A command. It returns the exit status: 0 done; 1 failed, with the reason on standard error; 2 wrong arguments. */
typedef int command(struct ch_arena *a, int argc, char **argv);

command admin_keys;                    /* keys.c */
command admin_project;                 /* project.c */
command admin_staff;                   /* staff.c */
command admin_roster;                  /* roster.c */
command admin_decisions;               /* decisions.c */
command admin_banks;                   /* banks.c */
command admin_defaults;                /* defaults.c */
command admin_outlet;                  /* outlet.c */
command admin_retention;               /* retention.c */
command admin_partner;                 /* partner.c */
command admin_calendar, admin_regions; /* reference.c */
command admin_audit;                   /* audit.c */
/* Its part `export FILE REASON`. */
int admin_log_export(struct ch_arena *a, const char *path, const char *why); /* log_export.c */
command admin_month;                                                         /* month.c */
command admin_lifecycle, admin_config, admin_errors, admin_form;             /* tables.c */

/* Opens a connection as certhall_admin, which the caller closes; NULL after an error message. */
struct ch_db *admin_db(void);
/* Runs one statement as the system, in a transaction of its own and under the operation's name `op`; false after an error message.
 * `rows` may be NULL. */
bool admin_run(struct ch_arena *a, struct ch_db *db, const char *op, struct ch_call call, struct ch_rows *rows);
/* The same with several statements in one transaction. */
bool admin_run_all(struct ch_arena *a, struct ch_db *db, const char *op, const struct ch_call *calls, size_t n);
/* Reads a whole file of less than 4 MiB into the arena; NULL after an error message. */
char *admin_read_file(struct ch_arena *a, const char *path);
/* Reads such a file as JSON; every text in it has characters that texts may have (core/base/text.h). Returns the file's text, and its
 * document in *out; NULL after an error message. */
char *admin_read_document(struct ch_arena *a, const char *path, struct ch_json **out);
/* Reads the newest roster; version 0 before the first. False after an error message. */
bool admin_newest_roster(struct ch_arena *a, struct ch_db *db, struct ch_roster *out);

#endif
