/* SPDX-License-Identifier: Apache-2.0
 * Writes the settings brand_…. */
#include "core/web/brand.h"

#include "core/base/config.h"
#include "core/base/version.h"

/* What the law asks for at the foot of a page; null when it is not set. A hall with the sandbox shows what it will look like. */
static void put_legal(struct ch_jw *w, const char *member, enum ch_conf setting, const char *example)
{
    const char *value = ch_conf(setting);

    if (*value == '\0' && ch_conf_bool(CONF_SANDBOX))
        value = example;
    ch_jw_text(w, member, *value != '\0' ? value : NULL);
}

void ch_brand_json(struct ch_jw *w)
{
    ch_jw_object(w, "brand");
    ch_jw_text(w, "name", ch_conf(CONF_BRAND_NAME));
    ch_jw_text(w, "short_name", ch_conf(CONF_BRAND_SHORT));
    ch_jw_text(w, "hotline", ch_conf(CONF_BRAND_HOTLINE));
    ch_jw_text(w, "site", ch_conf(CONF_BRAND_SITE));
    put_legal(w, "icp", CONF_BRAND_ICP, "示例ICP备00000000号");
    put_legal(w, "police", CONF_BRAND_POLICE, "示例公网安备00000000000000号");
    put_legal(w, "licence", CONF_BRAND_LICENCE, "ECP00000000000（示例）");
    put_legal(w, "cps", CONF_BRAND_CPS, "https://ca.example/cps");
    put_legal(w, "privacy", CONF_BRAND_PRIVACY, "https://ca.example/privacy");
    ch_jw_text(w, "version", ch_version);
    ch_jw_bool(w, "sandbox", ch_conf_bool(CONF_SANDBOX));
    ch_jw_end_object(w);
}

void ch_brand_put(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    (void)member, (void)s;
    ch_brand_json(w);
}
