/* SPDX-License-Identifier: Apache-2.0
 * Writes the settings brand_…. */
#include "core/web/brand.h"

#include "core/base/config.h"
#include "core/base/version.h"

void ch_brand_json(struct ch_jw *w)
{
    ch_jw_object(w, "brand");
    ch_jw_text(w, "name", ch_conf(CONF_BRAND_NAME));
    ch_jw_text(w, "short_name", ch_conf(CONF_BRAND_SHORT));
    ch_jw_text(w, "hotline", ch_conf(CONF_BRAND_HOTLINE));
    ch_jw_text(w, "site", ch_conf(CONF_BRAND_SITE));
    ch_jw_text(w, "version", ch_version);
    ch_jw_end_object(w);
}
