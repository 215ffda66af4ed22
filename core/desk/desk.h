/* SPDX-License-Identifier: Apache-2.0
 * What several modules of the back office need: who may, lists read page by page, what a person writes with a decision. */
#ifndef CH_DESK_DESK_H
#define CH_DESK_DESK_H

#include "core/format/csv.h"
#include "core/web/input.h"
#include "core/web/module.h"

/* ---- who may ---- */

#define CH_CLERK (CH_REVIEWER | CH_FINANCE | CH_PRODUCER)
/* An outlet's producer goes where one order is at hand; hall.desk_seen says which. */
#define CH_OF_ORDER (CH_CLERK | CH_OUTLET)
#define CH_MAKER (CH_PRODUCER | CH_OUTLET)
#define CH_OVERSEER (CH_AUDITOR | CH_ADMIN)

/* ---- lists (pages.c) ---- */

/* ?page_size= of a list, `usual` where it is not given. */
struct ch_param ch_desk_page_size(struct ch_req *r, int64_t usual);

/* A list as a table: its pages one after the other, to the end. The route's transaction is CH_TX_SEVERAL. */
typedef enum ch_err ch_desk_read_page(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out);
typedef void ch_desk_put_row(struct ch_csv *c, const struct ch_json *row);
enum ch_err ch_desk_csv_list(struct ch_req *r, struct ch_csv *c, ch_desk_read_page *read, ch_desk_put_row *put) CH_MUST;

/* ---- decisions (words.c) ---- */

struct ch_approve_in {
    int64_t version;
    const char *note; /* NULL: none */
};
struct ch_words_in {
    const char *note; /* who called and how they were identified; why it is refused; how it was settled */
};
extern const struct ch_input ch_approve_body, ch_words_body;

/* ---- pictures (picture.c) ---- */

/* Takes a row with the id `sealpicture` and its encrypted `png`, and answers with the picture; CH_E_NOT_FOUND without one. */
enum ch_err ch_desk_sealpicture_reply(struct ch_req *r, const struct ch_rows *rows) CH_MUST;

#endif
