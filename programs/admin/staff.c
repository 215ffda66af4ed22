/* SPDX-License-Identifier: Apache-2.0
 * Adds or changes a member of staff. The password comes from the environment, so that no list of processes shows it. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST_PASSWORD 12

int admin_staff(struct ch_arena *a, int argc, char **argv)
{
    const char *password = getenv("CERTHALL_PASSWORD");

    if ((argc != 4 && argc != 5) || strcmp(argv[0], "add") != 0)
        return 2;
    if (password == NULL || strlen(password) < SHORTEST_PASSWORD) {
        fprintf(stderr, "CERTHALL_PASSWORD must hold at least %d characters\n", SHORTEST_PASSWORD);
        return 1;
    }
    const char *record = ch_password_record(a, password, (int)ch_conf_int(CONF_SCRYPT_LOG_N));
    struct ch_db *db = record != NULL ? admin_db() : NULL;
    bool ok =
        db != NULL && admin_run(a, db, "admin.staff",
                                CH_CALL(&admin_staff_put, ch_p_text(ch_uuid7(a)), ch_p_text(argv[1]),
                                        ch_p_text(argv[2]), ch_p_text(record), ch_p_text(ch_printf(a, "{%s}", argv[3])),
                                        ch_p_text(argc == 5 ? argv[4] : NULL)),
                                NULL);
    ch_db_close(db);
    return ok ? 0 : 1;
}
