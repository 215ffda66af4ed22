/* SPDX-License-Identifier: Apache-2.0
 * What the files of the flow share. */
#ifndef CH_HALL_FLOW_PRIVATE_H
#define CH_HALL_FLOW_PRIVATE_H

#include "core/hall/flow.h"
#include "flow_sql.h"
#include "hall_sql.h"

#endif
