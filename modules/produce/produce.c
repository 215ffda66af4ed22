/* SPDX-License-Identifier: Apache-2.0
 * Module produce of the back office: certificates are made, put onto tokens, and shipped with what belongs to them. Its table of
 * routes. */
#include "modules/produce/produce.h"

static const struct ch_route routes[] = {
    {"GET", "/desk/api/produce/orders/{id:uuid}/production", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE, "produce.production",
     ch_statement},
    {"POST", "/desk/api/produce/orders/{id:uuid}/statement", CH_MAKER, &produce_statement_body, CH_KB(32),
     CH_TX_SEVERAL, "produce.statement", produce_statement},
    {"POST", "/desk/api/produce/orders/{id:uuid}/produce", CH_MAKER, &produce_produce_body, CH_KB(32), CH_TX_SEVERAL,
     "produce.produce", produce_produce},
    {"GET", "/desk/api/produce/orders/{id:uuid}/certificate.p12", CH_MAKER, NULL, 0, CH_TX_SINGLE, "produce.key_file",
     produce_key_file},
    {"GET", "/desk/api/produce/orders/{id:uuid}/certificate.cer", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE,
     "produce.certificate", produce_certificate},
    {"GET", "/desk/api/produce/orders/{id:uuid}/encryption.cer", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE,
     "produce.encryption", produce_encryption},
    {"GET", "/desk/api/produce/orders/{id:uuid}/chain.p7b", CH_OF_ORDER, NULL, 0, CH_TX_SEVERAL, "produce.chain",
     produce_chain},
    {"GET", "/desk/api/produce/orders/{id:uuid}/encryption.key", CH_MAKER, NULL, 0, CH_TX_SINGLE,
     "produce.enveloped_key", produce_enveloped_key},
    {"POST", "/desk/api/produce/orders/{id:uuid}/ship", CH_MAKER, &produce_ship_body, CH_KB(1), CH_TX_SINGLE,
     "produce.ship", ch_statement},
    {"GET", "/desk/api/produce/orders/{id:uuid}/pin", CH_REVIEWER | CH_MAKER, NULL, 0, CH_TX_SINGLE, "produce.pin",
     ch_statement},
    {"POST", "/desk/api/produce/orders/{id:uuid}/pin", CH_REVIEWER | CH_MAKER, NULL, 0, CH_TX_SINGLE,
     "produce.pin_send", ch_statement},
    {"POST", "/desk/api/produce/orders/{id:uuid}/pin/box", CH_MAKER, &produce_pin_box_body, CH_KB(1), CH_TX_SINGLE,
     "produce.pin_box", produce_pin_box},
    {"POST", "/desk/api/produce/orders/{id:uuid}/pin/box/{box:uuid}", CH_MAKER, NULL, 0, CH_TX_SINGLE,
     "produce.pin_take", ch_statement},
    {"GET", "/desk/api/produce/orders/{id:uuid}/sealpicture", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE, "produce.sealpicture",
     produce_sealpicture},
    {"GET", "/desk/api/produce/orders/{id:uuid}/sealpicture.png", CH_REVIEWER | CH_MAKER, NULL, 0, CH_TX_SINGLE,
     "produce.sealpicture_png", produce_sealpicture_png},
    {"GET", "/desk/api/produce/orders/{id:uuid}/parcels", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE, "produce.parcels", ch_statement},
    {"POST", "/desk/api/produce/orders/{id:uuid}/parcels", CH_MAKER, &produce_parcel_body, CH_KB(1), CH_TX_SINGLE,
     "produce.parcel_ask", produce_parcel_ask},
    {"POST", "/desk/api/produce/orders/{id:uuid}/parcels/cancel", CH_MAKER, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "produce.parcel_cancel", produce_parcel_cancel},
    {"POST", "/desk/api/produce/orders/{id:uuid}/tray", CH_MAKER, &ch_version_body, CH_KB(1), CH_TX_SEVERAL,
     "produce.tray_put", produce_tray_put},
    {"DELETE", "/desk/api/produce/orders/{id:uuid}/tray", CH_MAKER, NULL, 0, CH_TX_SINGLE, "produce.tray_remove",
     ch_statement},
    {"GET", "/desk/api/produce/tray", CH_MAKER, NULL, 0, CH_TX_SINGLE, "produce.tray", ch_statement},
    {"POST", "/desk/api/produce/tray/statement", CH_MAKER, NULL, 0, CH_TX_SINGLE, "produce.tray_statement",
     produce_tray_statement},
    {"POST", "/desk/api/produce/tray/produce", CH_MAKER, &ch_decision_body, CH_KB(8), CH_TX_SEVERAL,
     "produce.tray_produce", produce_tray_produce},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {produce_statements, decision_statements, NULL};

static const struct ch_module produce_module = {.name = "produce",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ORDER | CH_KEYS_SEALPICTURE | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&produce_module, argc, argv);
}
