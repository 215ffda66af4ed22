/* SPDX-License-Identifier: Apache-2.0
 * Module seal: electronic seals as a product. This header declares the handlers of the two papers that only its applications
 * have. */
#ifndef SEAL_H
#define SEAL_H

#include "core/order/flow.h"
#include "seal_sql.h"

ch_handler seal_annex, seal_collection; /* papers.c */

#endif
