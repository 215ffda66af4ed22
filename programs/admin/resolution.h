/* SPDX-License-Identifier: Apache-2.0
 * Resolutions: what two security officers decide together. A text says what is to change and from what; the officers sign it at
 * /desk/keys, and it is put with their signatures (hall.resolution). The text is written anew when it is put, from the same
 * arguments and what the database has by then, and the bytes are compared. So nothing is read out of it but its time, and a text
 * about another state than the present one is refused. */
#ifndef ADMIN_RESOLUTION_H
#define ADMIN_RESOLUTION_H

#include "programs/admin/admin.h"

struct resolution {
    const char *op;       /* in the audit trail */
    const char *title;    /* of the text */
    struct ch_call facts; /* answers the facts, each a row: label, value */
    /* What does it. The last parameter is set here: the resolution as a row of hall.resolution, or NULL. */
    const struct ch_stmt *deed;
    struct ch_param *params;
    const char *document; /* kept with the text, which has its digest; NULL: none */
};

/* Prints the text to be signed; false after an error message. */
bool resolution_draft(struct ch_arena *a, struct ch_db *db, const struct resolution *r);

/* Checks text and signatures, two files, and does the deed with them. Without files (NULL) it is done without, which the database
 * lets happen only before the first roster. `rows`, which may be NULL, is the deed's answer. False after an error message; then
 * nothing has changed. */
bool resolution_put(struct ch_arena *a, struct ch_db *db, const struct resolution *r, char *const files[2],
                    struct ch_rows *rows);

#endif
