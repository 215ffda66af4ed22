/* SPDX-License-Identifier: Apache-2.0
 * Reads the roster that the signer keeps, and follows those behind it. */
#include "core/desk/anchor.h"

#include "core/base/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum ch_err ch_anchor_read(struct ch_arena *a, struct ch_fault *f, struct ch_roster *out)
{
    const char *path = ch_printf(a, "%s/" CH_ANCHOR_FILE, ch_conf(CONF_ROSTER));
    char *text = ch_alloc(a, CH_ROSTER_MAX + 1);
    FILE *in = fopen(path, "re");

    if (in == NULL)
        return ch_fault(f, CH_E_INVALID, "there is no roster (%s: %s): certhall-signer roster takes in the first", path,
                        strerror(errno));
    size_t n = fread(text, 1, CH_ROSTER_MAX + 1, in);
    (void)fclose(in);
    return ch_roster_read(a, f, CH_BYTES(text, n), out);
}

static enum ch_err follow_one(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                              struct ch_bytes text, const char *signatures, struct ch_roster *now)
{
    struct ch_roster_signers by;
    struct ch_roster next;

    enum ch_err e = ch_roster_read(a, f, text, &next);
    if (e == CH_OK)
        e = ch_roster_follows(a, f, now, &next, site, signatures, &by);
    if (e == CH_OK)
        *now = next;
    return e;
}

enum ch_err ch_anchor_follow(struct ch_arena *a, struct ch_fault *f, const struct ch_webauthn_site *site,
                             const struct ch_rows *rows, struct ch_roster *now)
{
    enum ch_err e = CH_OK;

    for (int i = 0; e == CH_OK && i < rows->n; i++) {
        const char *text = ch_col_text(rows, i, "text");
        e = follow_one(a, f, site, CH_BYTES(text, strlen(text)), ch_col(rows, i, "signatures"), now);
    }
    return e;
}
