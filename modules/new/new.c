/* SPDX-License-Identifier: Apache-2.0
 * Module new: a new application, from the agreements to the submission. README.md tells the way through it. */
#include "modules/new/new.h"

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/new/setup", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "new.setup", new_setup},
    {"POST", "/{slug}/api/new/orders", CH_APPLICANT, &new_create_body, CH_KB(4), CH_TX_SINGLE, "new.create", new_create},
    {"GET", "/{slug}/api/new/orders/{id}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "new.get", new_get},
    {"PUT", "/{slug}/api/new/orders/{id}/form", CH_APPLICANT, &new_save_body, CH_KB(32), CH_TX_SINGLE, "new.save", new_save},
    {"GET", "/{slug}/api/new/orders/{id}/form.pdf", CH_APPLICANT, NULL, 0, CH_TX_SEVERAL, "new.print", new_print},
    {"POST", "/{slug}/api/new/orders/{id}/submit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SEVERAL, "new.submit",
     new_submit},
    {"POST", "/{slug}/api/new/orders/{id}/edit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE, "new.edit", new_edit},
    {"POST", "/{slug}/api/new/orders/{id}/resubmit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE, "new.resubmit",
     new_resubmit},
    {0},
};

static const struct ch_stmt *const *const statements[] = {new_statements, hall_statements, NULL};

static const struct ch_module new_module = {.name = "new", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&new_module, argc, argv);
}
