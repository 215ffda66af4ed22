/* SPDX-License-Identifier: Apache-2.0
 * The life cycle of an order as tables (lifecycle.tbl). Orders change their state in the database (hall.advance); these tables
 * are for programs that print or check the life cycle, or derive tests from it. */
#ifndef CH_ORDER_LIFECYCLE_H
#define CH_ORDER_LIFECYCLE_H

#include "core/base/defs.h"

struct ch_state_row {
    const char *word, *label, *tone;
    const char *queue, *clock; /* "": none */
    const char *traits;        /* columns of hall.order_state that are true, comma separated */
};

/* Labels that people see instead of the state when they say more. */
struct ch_standing_row {
    const char *word, *label, *tone;
};

struct ch_transition_row {
    const char *event, *from, *to;
    const char *who; /* roles that may cause it, comma separated */
    const char *text;
};

extern const struct ch_state_row ch_states[];
extern const size_t ch_states_n;
extern const struct ch_standing_row ch_standings[];
extern const size_t ch_standings_n;
extern const struct ch_transition_row ch_transitions[];
extern const size_t ch_transitions_n;

#endif
