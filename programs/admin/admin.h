/* SPDX-License-Identifier: Apache-2.0
 * certhall-admin: what an operator does by command, and what the build asks of the compiled-in tables. */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "admin_sql.h"
#include "core/base/error.h"
#include "core/db/db.h"

/* Exit statuses: 0 done, 1 not done (said why on standard error), 2 wrong words. */
typedef int command(struct ch_arena *a, int argc, char **argv);

command admin_keys;      /* keys.c */
command admin_project;   /* project.c */
command admin_staff;     /* staff.c */
command admin_banks;     /* banks.c */
command admin_defaults;  /* defaults.c */
command admin_outlet;    /* outlet.c */
command admin_retention; /* retention.c */
command admin_partner;   /* partner.c */
command admin_calendar, admin_regions; /* reference.c */
command admin_audit;     /* audit.c */
command admin_month;     /* month.c */
command admin_lifecycle, admin_config, admin_errors, admin_form; /* tables.c */

/* A connection as certhall_admin; NULL after saying why. */
struct ch_db *admin_db(void);
/* Runs one statement as the system; false after saying why. */
bool admin_run(struct ch_arena *a, struct ch_db *db, const char *op, struct ch_call call, struct ch_rows *rows);
/* A whole file; NULL after saying why. */
char *admin_read_file(struct ch_arena *a, const char *path);

#endif
