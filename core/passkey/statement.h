/* SPDX-License-Identifier: Apache-2.0
 * What is signed with a passkey: the decisions about an order, acts, and resolutions.
 *
 * Two people sign a statement before the certificates of an order are issued. It says for whom the certificates are, their profiles,
 * how long they are valid, and who decides it; the producer's statement also names the CA that issues them.
 *
 * The reviewer's page, the producer's page and the signer each write the statement anew from what they read, and the bytes are
 * compared. Therefore nothing ever parses a statement. */
#ifndef CH_PASSKEY_STATEMENT_H
#define CH_PASSKEY_STATEMENT_H

#include "core/passkey/roster.h"

enum ch_decision { CH_DECISION_APPROVE, CH_DECISION_PRODUCE };

/* "approve" and "produce", as in hall.decision. */
const char *ch_decision_word(enum ch_decision d);
/* Who may sign it: roles of the roster, ended by NULL. Every production is for the CA's own producers or those of an outlet. */
const char *const *ch_decision_roles(enum ch_decision d);

/* One certificate, or a pair of them. Texts that a certificate does not have are NULL. */
struct ch_statement_item {
    int number;
    const char *profile;
    bool pair; /* a certificate for encryption comes with it */
    const char *unit_name, *unit_code, *seal_name, *holder_name;
    int years;
    const char *until;   /* RFC 3339: the certificate ends no later, because it replaces one that ends then */
    const char *medium;  /* "ukey" or "file" */
    bool token;          /* the token makes the key; otherwise the signer does */
    const char *request; /* of a token's key: SHA-256 of the public key in hex; only in the producer's statement */
};

struct ch_statement {
    enum ch_decision decision;
    const char *order, *number; /* id and number of the order */
    const char *person, *name;  /* id and name in the roster of the person who decides */
    const char *time;           /* RFC 3339, as ch_rfc3339 writes it */
    const char *ca;             /* the name of the CA; only in the producer's statement */
    const char *form, *papers;  /* digests in hex: ch_form_digest; SHA-256 of the codes and digests of the papers */
    const struct ch_statement_item *items;
    size_t n;
};

/* The text, in the arena: lines, each ended by a line feed. */
const char *ch_statement_text(struct ch_arena *a, const struct ch_statement *s);
/* What the text begins with: what is decided, about which order, by whom and when. */
const char *ch_statement_head(struct ch_arena *a, const struct ch_statement *s);

/* An act: what staff do to a certificate or a seal that was issued. Its facts come from the database and from what the person has
 * typed. Each fact is a line. */
struct ch_act_fact {
    const char *label, *value; /* a fact without a value is left out */
};

struct ch_act_statement {
    const char *title;         /* what is done; no act's is that of a decision */
    const char *person, *name; /* id and name in the roster of the person who does it */
    const char *time;          /* RFC 3339 */
    const struct ch_act_fact *facts;
    size_t n;
};

/* The text. Without facts it is the beginning that all texts of such an act have in common. */
const char *ch_act_text(struct ch_arena *a, const struct ch_act_statement *s);

/* A resolution: what two security officers decide together about a project or a member of staff. Its text names the roster and the
 * officers' keys in it, so that the text itself says who may sign it. Characters that could not be seen are written visibly
 * (ch_text_visible). */
struct ch_resolution {
    const char *title; /* what is decided; no resolution's is that of a decision or an act */
    const char *time;  /* RFC 3339 */
    const struct ch_roster *roster;
    const struct ch_act_fact *facts;
    size_t n;
};

const char *ch_resolution_text(struct ch_arena *a, const struct ch_resolution *r);

#endif
