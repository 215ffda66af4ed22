/* SPDX-License-Identifier: Apache-2.0
 * The authority's name, hotline and site: settings of an installation, never literals. */
#ifndef CH_FORMAT_BRAND_H
#define CH_FORMAT_BRAND_H

#include "core/json/json.h"

/* "brand": {name, short_name, hotline, site, version}; the version is certhall's own, for the foot of the pages. */
void ch_brand_json(struct ch_jw *w);

#endif
