/* SPDX-License-Identifier: Apache-2.0
 * The authority's name, hotline, web site, and the numbers under which it is registered, which are settings of the installation. */
#ifndef CH_WEB_BRAND_H
#define CH_WEB_BRAND_H

#include "core/web/output.h"

/* Writes "brand": {name, short_name, hotline, site, icp, police, licence, cps, privacy, version, sandbox}. The version is certhall's,
 * for the foot of the pages; where the sandbox is, pages offer its guide. */
void ch_brand_json(struct ch_jw *w);
/* The same as a member of a table, for CH_OUT_CALL. */
void ch_brand_put(struct ch_jw *w, const char *member, const struct ch_out_source *s);

#endif
