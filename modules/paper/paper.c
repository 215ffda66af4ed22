/* SPDX-License-Identifier: Apache-2.0
 * Module paper: uploaded papers. It is the only program that reads and writes the store for applicants. Its table of routes. */
#include "modules/paper/paper.h"

static const struct ch_route routes[] = {
    {"PUT", "/{slug}/api/paper/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, CH_UPLOAD_MAX, CH_TX_EACH, "paper.put",
     paper_put},
    {"GET", "/{slug}/api/paper/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "paper.get", paper_get},
    {"DELETE", "/{slug}/api/paper/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "paper.delete", paper_delete},
    {"POST", "/{slug}/api/paper/orders/{id:uuid}/{code}/keep", CH_APPLICANT, &paper_keep_body, CH_KB(1), CH_TX_SINGLE,
     "paper.keep", ch_statement},
    {"POST", "/{slug}/api/paper/links/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "paper.link", paper_link},
    {"DELETE", "/{slug}/api/paper/links/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "paper.link_end", ch_statement},
    {"GET", "/{slug}/api/paper/phone", CH_PAPERS, NULL, 0, CH_TX_SINGLE, "paper.phone", paper_phone},
    {"PUT", "/{slug}/api/paper/phone/{code}", CH_PAPERS, NULL, CH_UPLOAD_MAX, CH_TX_EACH, "paper.phone_put", paper_put},
    {"DELETE", "/{slug}/api/paper/phone/{code}", CH_PAPERS, NULL, 0, CH_TX_SINGLE, "paper.phone_delete", paper_delete},
    {"PUT", "/{slug}/api/paper/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, CH_UPLOAD_MAX, CH_TX_EACH,
     "paper.voucher_put", paper_voucher_put},
    {"GET", "/{slug}/api/paper/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "paper.voucher",
     paper_voucher_get},
    {"DELETE", "/{slug}/api/paper/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "paper.voucher_delete", paper_voucher_delete},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {paper_statements, NULL};

static const struct ch_module paper_module = {.name = "paper",
                                              .routes = tables,
                                              .statements = statements,
                                              .keys = CH_KEYS_PAPER | CH_KEYS_SESSION | CH_KEYS_BUCKET,
                                              .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&paper_module, argc, argv);
}
