/* SPDX-License-Identifier: Apache-2.0
 * What the files of Nuonuo's side have in common. */
#ifndef MODULE_SANDBOX_NUONUO_H
#define MODULE_SANDBOX_NUONUO_H

#include "modules/sandbox/sandbox.h"

/* Electronic invoices, at 127.0.0.17 */
ch_handler sandbox_nuonuo, sandbox_nuonuo_token, sandbox_nuonuo_file;

/* The methods of invoice.c. `base` is the vendor's address as the caller sees it: "http://127.0.0.17:8080". */
enum ch_err nuonuo_request(struct ch_req *r, const struct ch_json *in, const char *base) CH_MUST;
enum ch_err nuonuo_query(struct ch_req *r, const struct ch_json *in, const char *base) CH_MUST;
enum ch_err nuonuo_again(struct ch_req *r, const struct ch_json *in, const char *base) CH_MUST;
enum ch_err nuonuo_red(struct ch_req *r, const struct ch_json *in, const char *base) CH_MUST;

/* Checks the object "order" of a request (order.c). Returns the vendor's sentence for what is wrong, or NULL with *total and
 * *tax filled in (fen). */
const char *nuonuo_order_fault(struct ch_arena *a, const struct ch_json *order, int64_t *total, int64_t *tax);

/* An answer; `result` is JSON, or NULL for none. */
enum ch_err nuonuo_answer(struct ch_req *r, const char *code, const char *describe, const char *result);
/* The address of a file of an invoice: kind is "pdf", "ofd" or "xml". */
char *nuonuo_file_url(struct ch_arena *a, const char *base, const char *file, const char *kind);

/* The files of an invoice, made from a row of statement nuonuo_get (files.c). */
struct ch_bytes nuonuo_pdf(struct ch_arena *a, const struct ch_rows *row);
struct ch_bytes nuonuo_ofd(struct ch_arena *a, const struct ch_rows *row);
struct ch_bytes nuonuo_xml(struct ch_arena *a, const struct ch_rows *row);

#endif
