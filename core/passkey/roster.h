/* SPDX-License-Identifier: Apache-2.0
 * The roster: whose passkeys decide what. Its first version is put into the signer's folder at the key ceremony; each later one
 * names the digest of the one before and is signed by two security officers of that one. So the signer, which has checked every
 * step, needs to believe neither the database nor an administrator. When the officers' keys are lost, three persons of the roster
 * sign an emergency roster instead (break-glass), which states that it is one and why.
 *
 * A roster is a JSON text: {"certhall":"roster","version":1,"previous":null,"keys":[{"person":"<uuid>","name":"review",
 * "roles":["reviewer"],"credential":"<base64url>","point":"<base64url>"}…]}. `previous` is the SHA-256 of the text before, in
 * hex. Roles are those of staff, and "officer". A person may have several keys, each in a row of its own. An emergency roster also
 * has the member "emergency", a line that says why. */
#ifndef CH_PASSKEY_ROSTER_H
#define CH_PASSKEY_ROSTER_H

#include "core/json/json.h"
#include "core/passkey/webauthn.h"

#define CH_ROSTER_KEYS 256        /* most keys */
#define CH_ROSTER_MAX (64 * 1024) /* most bytes of the text */

struct ch_roster_key {
    const char *person, *name;
    const char *roles; /* " reviewer finance " */
    struct ch_bytes credential;
    unsigned char point[CH_PASSKEY_POINT];
};

struct ch_roster {
    struct ch_bytes text;
    const char *digest; /* SHA-256 of the text, in hex */
    int64_t version;
    const char *previous;  /* hex; NULL in the first version */
    const char *emergency; /* why three persons signed it instead of the officers; NULL: two officers signed it */
    size_t n;
    struct ch_roster_key *keys;
};

/* Reads a roster; it lies in the arena, with the text. CH_E_INVALID, with the reason in the fault's detail, for any other
 * text, and for a roster that has a key twice, a person under two names, or fewer than two officers. */
enum ch_err ch_roster_read(struct ch_arena *a, struct ch_fault *f, struct ch_bytes text, struct ch_roster *out) CH_MUST;

bool ch_roster_has_role(const struct ch_roster_key *key, const char *role) CH_MUST;
/* The key with that credential id, or NULL. */
const struct ch_roster_key *ch_roster_find(const struct ch_roster *r, struct ch_bytes credential);

/* The signature of a statement that was signed alone or with others (core/passkey/tray.h). */
struct ch_signed {
    struct ch_assertion assertion;
    size_t leaves, at; /* the number of statements on the tray, and the place of this one */
    struct ch_bytes path;
};

/* The key of the roster that has signed the statement. Its person must have one of the roles (ch_decision_roles). NULL, with the
 * reason in the fault, when the signature does not verify. */
const struct ch_roster_key *ch_roster_signer(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                             const struct ch_webauthn_site *site, const char *const *roles,
                                             const char *statement, const struct ch_signed *given) CH_MUST;

/* The key of the roster that has signed the text alone, whatever its roles. NULL, with the reason in the fault, when it does not
 * verify. */
const struct ch_roster_key *ch_roster_author(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                             const struct ch_webauthn_site *site, const char *text,
                                             const struct ch_assertion *given) CH_MUST;

#define CH_ROSTER_SIGNERS 3 /* most persons who sign a text together */

/* The keys of the roster that signed a text together. */
struct ch_roster_signers {
    size_t n;
    const struct ch_roster_key *by[CH_ROSTER_SIGNERS];
};

/* Checks that two different officers of the roster have signed the text. Each signs it alone, that is, its leaf
 * (core/passkey/tray.h). `signatures` is a JSON array of two assertions (ch_assertion_read). CH_E_INVALID otherwise, also for
 * NULL. */
enum ch_err ch_roster_officers(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                               const struct ch_webauthn_site *site, struct ch_bytes text, const char *signatures,
                               struct ch_roster_signers *out) CH_MUST;

/* Break-glass: checks in the same way that three different persons of the roster have signed. They may have any roles, but not all
 * three the same one. Only an emergency roster is accepted this way. */
enum ch_err ch_roster_emergency(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                const struct ch_webauthn_site *site, struct ch_bytes text, const char *signatures,
                                struct ch_roster_signers *out) CH_MUST;

/* Checks that `next` follows `now`: it has the next version, names the digest of `now`, and is signed by two officers of `now`, or,
 * if it is an emergency roster, by three persons of it. CH_E_INVALID otherwise. */
enum ch_err ch_roster_follows(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *now,
                              const struct ch_roster *next, const struct ch_webauthn_site *site, const char *signatures,
                              struct ch_roster_signers *out) CH_MUST;

/* Reads an assertion from {"credential","client_data","authenticator_data","signature"}, each base64url. */
bool ch_assertion_read(struct ch_arena *a, const struct ch_json *node, struct ch_assertion *out) CH_MUST;

#endif
