/* SPDX-License-Identifier: Apache-2.0
 * Module seal: electronic seals as a product. This header declares the handler of the paper that only its applications have. */
#ifndef SEAL_H
#define SEAL_H

#include "core/order/flow.h"
#include "seal_sql.h"

ch_handler seal_annex; /* papers.c */

#endif
