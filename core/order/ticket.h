/* SPDX-License-Identifier: Apache-2.0
 * What a partner's platform has sent ahead of a person (hall.ticket): checked when it comes, encrypted, and put into
 * the draft that is made from it. The browser holds a bearer token for it, never the data. */
#ifndef CH_ORDER_TICKET_H
#define CH_ORDER_TICKET_H

#include "core/form/form.h"

/* The places under which these are encrypted (core/crypto/ring.h). */
#define CH_TICKET_FORM "ticket.form"
#define CH_PARTNER_SECRET "partner_key.secret"
#define CH_HOOK_SECRET "partner_hook.secret"

/* Checks what is given of a form by every rule; what is not given is the person's to fill in. Notes wrong fields.
 * `kept`: the fields that apply. */
enum ch_err ch_ticket_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form,
                            const char **kept) CH_MUST;

struct ch_ticket {
    const char *id;
    const char *text;           /* the form, as JSON */
    const struct ch_json *form;
};
/* The ticket that the browser's token stands for; CH_E_GONE when it has served or run out. One look before the
 * request's own statement (ch_peek). */
enum ch_err ch_ticket_read(struct ch_req *r, const char *entry, struct ch_ticket *out) CH_MUST;

/* Keyed hashes of a form's values by field: what came with a ticket and is locked is told by them from what is sent. */
char *ch_ticket_hashes(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

#endif
