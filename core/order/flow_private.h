/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of the flow. */
#ifndef CH_ORDER_FLOW_PRIVATE_H
#define CH_ORDER_FLOW_PRIVATE_H

#include "core/order/flow.h"
#include "flow_sql.h"
#include "form_sql.h"

#endif
