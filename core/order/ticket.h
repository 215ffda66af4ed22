/* SPDX-License-Identifier: Apache-2.0
 * Tickets (hall.ticket): data of a form that a partner's platform sends ahead of a person. They are checked on arrival, stored
 * encrypted, and copied into the draft. The browser has only a bearer token for the ticket, never the data. */
#ifndef CH_ORDER_TICKET_H
#define CH_ORDER_TICKET_H

#include "core/form/form.h"

/* Places (core/crypto/ring.h) of the data that are encrypted for partners. */
#define CH_TICKET_FORM "ticket.form"
#define CH_PARTNER_SECRET "partner_key.secret"
#define CH_HOOK_SECRET "partner_hook.secret"

/* Checks the given fields of a form by every rule; the person fills in the others later. Wrong fields are noted with ch_wrong,
 * and CH_E_INVALID is returned. *kept is the JSON text of the fields that apply. */
enum ch_err ch_ticket_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form,
                            const char **kept) CH_MUST;

struct ch_ticket {
    const char *id;
    const char *text; /* the form, as JSON */
    const struct ch_json *form;
};
/* The ticket for the browser's token; CH_E_GONE when it was used or has expired. It is read with ch_peek, before the request's
 * own statements. */
enum ch_err ch_ticket_read(struct ch_req *r, const char *entry, struct ch_ticket *out) CH_MUST;

/* Keyed hashes of a form's values by field, as JSON text. The database compares them to refuse changes of locked values. */
char *ch_ticket_hashes(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form);

#endif
