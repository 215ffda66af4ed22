/* SPDX-License-Identifier: Apache-2.0
 * What the files of the flow share. */
#ifndef CH_ORDER_FLOW_PRIVATE_H
#define CH_ORDER_FLOW_PRIVATE_H

#include "core/order/flow.h"
#include "flow_sql.h"
#include "form_sql.h"

#endif
