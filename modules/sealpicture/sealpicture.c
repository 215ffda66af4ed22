/* SPDX-License-Identifier: Apache-2.0
 * Module sealpicture: the applicant previews and accepts the picture of an electronic seal, which is drawn or cut out of a
 * scan, and downloads the picture and the finished seal. Its table of routes. */
#include "modules/sealpicture/sealpicture.h"

/* No transaction is open while a picture is made, because drawing it or reading a scan from the store takes a while. */
static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/sealpicture/orders/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "sealpicture.get",
     sealpicture_get},
    {"POST", "/{slug}/api/sealpicture/orders/{id:uuid}/preview", CH_APPLICANT, &sealpicture_preview_body, CH_KB(1),
     CH_TX_EACH, "sealpicture.preview", sealpicture_preview},
    {"POST", "/{slug}/api/sealpicture/orders/{id:uuid}/accept", CH_APPLICANT, &sealpicture_accept_body, CH_KB(1),
     CH_TX_EACH, "sealpicture.accept", sealpicture_accept},
    {"GET", "/{slug}/api/sealpicture/orders/{id:uuid}/picture.png", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "sealpicture.png", sealpicture_png},
    {"GET", "/{slug}/api/sealpicture/orders/{id:uuid}/picture.svg", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "sealpicture.svg", sealpicture_svg},
    {"GET", "/{slug}/api/sealpicture/orders/{id:uuid}/seal.esl", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "sealpicture.seal", sealpicture_seal},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {sealpicture_statements, NULL};

static const struct ch_module sealpicture_module = {.name = "sealpicture",
                                                    .routes = tables,
                                                    .statements = statements,
                                                    .keys = CH_KEYS_ORDER | CH_KEYS_PAPER | CH_KEYS_SEALPICTURE |
                                                            CH_KEYS_SESSION | CH_KEYS_BUCKET,
                                                    .needs = CH_NEEDS_EXEC,
                                                    .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&sealpicture_module, argc, argv);
}
