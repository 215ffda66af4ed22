/* SPDX-License-Identifier: Apache-2.0
 * The sample papers. Each function draws a paper from the facts given; `note` is what text recognition would read on it. */
#ifndef MODULE_SANDBOX_PAPERS_PAPER_H
#define MODULE_SANDBOX_PAPERS_PAPER_H

#include "modules/sandbox/papers/draw.h"

/* The texts to be printed; a fact that was not given is "". */
struct paper_facts {
    const char *name, *id_no, *mobile, *address;
    const char *unit_name, *unit_code, *unit_address, *legal_name;
    const char *agent_name; /* who signs */
    const char *number;     /* of the order */
    const char *account_name, *account_no, *account_branch_name;
    bool expired; /* the ID card is out of date */
    bool plain;   /* without stamp and signature */
    bool framed;  /* a print with frames for impressions: the first one has the stamp as well */
    bool blurred; /* out of focus */
};

struct paper {
    cairo_t *sheet;
    const char *note; /* JSON */
};

typedef struct paper paper_maker(struct ch_arena *a, const struct paper_facts *f);
paper_maker paper_card_front, paper_card_back, paper_licence, paper_form, paper_seal_form;

/* A colour scan of a sheet of the printed form (PDF), from 1; the last one is stamped and signed. Returns how many sheets there are,
 * without a scan when that one is not among them; 0 when the form cannot be read. */
int paper_scan(struct ch_arena *a, struct ch_bytes pdf, int sheet, const struct paper_facts *f, struct paper *out) CH_MUST;

/* A drawn face as PNG: the best frame of a liveness check. */
struct ch_bytes sandbox_draw_face(struct ch_arena *a);

#endif
