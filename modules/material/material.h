/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_MATERIAL_H
#define MODULE_MATERIAL_H

#include "core/web/request.h"
#include "material_sql.h"

ch_handler material_put, material_get, material_delete; /* papers.c */

#endif
