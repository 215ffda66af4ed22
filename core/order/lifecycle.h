/* SPDX-License-Identifier: Apache-2.0
 * The life of an order as a table (lifecycle.tbl). The database is where an order moves (hall.advance); here the table is
 * for programs that print it, check it or make tests of it. */
#ifndef CH_ORDER_LIFECYCLE_H
#define CH_ORDER_LIFECYCLE_H

#include "core/base/defs.h"

struct ch_state_row {
    const char *word, *label, *tone;
    const char *queue, *clock; /* "": none */
    const char *traits;        /* columns of hall.order_state that are true, comma separated */
};

/* What people see where it says more than the state. */
struct ch_standing_row {
    const char *word, *label, *tone;
};

struct ch_transition_row {
    const char *event, *from, *to;
    const char *who; /* roles, comma separated */
    const char *text;
};

extern const struct ch_state_row ch_states[];
extern const size_t ch_states_n;
extern const struct ch_standing_row ch_standings[];
extern const size_t ch_standings_n;
extern const struct ch_transition_row ch_transitions[];
extern const size_t ch_transitions_n;

#endif
