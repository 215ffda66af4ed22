/* SPDX-License-Identifier: Apache-2.0
 * Module registry of the back office: certificates, electronic seals, and the state of the authority. Its table of routes. */
#include "modules/registry/registry.h"

static const struct ch_route routes[] = {
    {"GET", "/desk/api/registry/certificates", CH_CLERK | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "registry.certificates",
     registry_certificates},
    {"GET", "/desk/api/registry/orders/{id:uuid}/revocations", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE,
     "registry.order_revocations", ch_statement},
    {"POST", "/desk/api/registry/certificates/{id:uuid}/revoke/statement", CH_REVIEWER, &registry_revoke_asked,
     CH_KB(8), CH_TX_SINGLE, "registry.revoke_statement", registry_revoke_statement},
    {"POST", "/desk/api/registry/certificates/{id:uuid}/revoke", CH_REVIEWER, &registry_revoke_body, CH_KB(16),
     CH_TX_SEVERAL, "registry.revoke", registry_revoke},
    {"POST", "/desk/api/registry/certificates/{id:uuid}/hold", CH_CLERK, &ch_words_body, CH_KB(8), CH_TX_SINGLE,
     "registry.hold", registry_hold},
    {"POST", "/desk/api/registry/certificates/{id:uuid}/release", CH_CLERK, &ch_words_body, CH_KB(8), CH_TX_SINGLE,
     "registry.release", registry_release},
    {"GET", "/desk/api/registry/revocations", CH_CLERK | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "registry.revocations",
     registry_revocations},
    {"GET", "/desk/api/registry/revocations.csv", CH_CLERK | CH_OVERSEER, NULL, 0, CH_TX_EACH,
     "registry.revocations_csv", registry_revocations_csv},
    {"GET", "/desk/api/registry/revocations/{id:uuid}", CH_REVIEWER | CH_OVERSEER, NULL, 0, CH_TX_SINGLE,
     "registry.revocation", registry_revocation},
    {"POST", "/desk/api/registry/revocations/{id:uuid}/confirm/statement", CH_REVIEWER, NULL, 0, CH_TX_SINGLE,
     "registry.confirm_statement", registry_confirm_statement},
    {"POST", "/desk/api/registry/revocations/{id:uuid}/confirm", CH_REVIEWER, &registry_confirm_body, CH_KB(8),
     CH_TX_SEVERAL, "registry.revocation_confirm", registry_revocation_confirm},
    {"POST", "/desk/api/registry/revocations/{id:uuid}/refuse", CH_REVIEWER, &ch_words_body, CH_KB(8), CH_TX_SINGLE,
     "registry.revocation_refuse", registry_revocation_refuse},
    {"POST", "/desk/api/registry/revocations/{id:uuid}/withdraw", CH_REVIEWER, NULL, 0, CH_TX_SINGLE,
     "registry.revocation_withdraw", registry_revocation_withdraw},
    {"GET", "/desk/api/registry/seals", CH_REVIEWER | CH_PRODUCER | CH_OVERSEER, NULL, 0, CH_TX_SINGLE,
     "registry.seals", registry_seals},
    {"GET", "/desk/api/registry/seals/filing.csv", CH_REVIEWER | CH_OVERSEER, NULL, 0, CH_TX_EACH,
     "registry.seal_filing", registry_seal_filing},
    {"GET", "/desk/api/registry/seals/{id:uuid}/seal.esl", CH_REVIEWER | CH_PRODUCER, NULL, 0, CH_TX_SINGLE,
     "registry.seal_file", registry_seal_file},
    {"GET", "/desk/api/registry/seals/{id:uuid}/picture.png", CH_REVIEWER | CH_PRODUCER | CH_OVERSEER, NULL, 0,
     CH_TX_SINGLE, "registry.sealpicture", registry_sealpicture},
    {"POST", "/desk/api/registry/seals/{id:uuid}/withdraw/statement", CH_REVIEWER, &registry_seal_withdraw_asked,
     CH_KB(2), CH_TX_SINGLE, "registry.seal_statement", registry_seal_statement},
    {"POST", "/desk/api/registry/seals/{id:uuid}/withdraw", CH_REVIEWER, &registry_seal_withdraw_body, CH_KB(8),
     CH_TX_SEVERAL, "registry.seal_withdraw", registry_seal_withdraw},
    {"GET", "/desk/api/registry/authority", CH_REVIEWER | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "registry.authority",
     ch_statement},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {registry_statements, NULL};

static const struct ch_module registry_module = {.name = "registry",
                                                 .routes = tables,
                                                 .statements = statements,
                                                 .keys = CH_KEYS_ACT | CH_KEYS_REVOCATION | CH_KEYS_SEALPICTURE |
                                                         CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&registry_module, argc, argv);
}
