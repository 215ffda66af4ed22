/* SPDX-License-Identifier: Apache-2.0
 * What the files of module seal share. */
#ifndef SEAL_H
#define SEAL_H

#include "core/order/flow.h"
#include "seal_sql.h"

ch_handler seal_annex, seal_collection; /* papers.c */

#endif
