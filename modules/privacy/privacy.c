/* SPDX-License-Identifier: Apache-2.0
 * Module privacy: the consents that an account has given and may withdraw, and all of its own data in one document. */
#include "modules/privacy/privacy.h"

#include "form_sql.h"

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/privacy/consents", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "privacy.consents", ch_statement},
    {"POST", "/{slug}/api/privacy/consents/{id}/withdraw", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "privacy.withdraw",
     privacy_withdraw},
    {"POST", "/{slug}/api/privacy/export", CH_APPLICANT, NULL, 0, CH_TX_SEVERAL, "privacy.export", privacy_export},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {privacy_statements, form_statements, NULL};

static const struct ch_module privacy_module = {.name = "privacy",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ORDER | CH_KEYS_ACCOUNT | CH_KEYS_MONEY |
                                                        CH_KEYS_SEALPICTURE | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&privacy_module, argc, argv);
}
