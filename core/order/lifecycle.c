/* SPDX-License-Identifier: Apache-2.0
 * The tables of lifecycle.tbl. */
#include "core/order/lifecycle.h"

const struct ch_state_row ch_states[] = {
#define CH_STATE(sym, word, label, tone, queue, clock, traits) {word, label, tone, queue, clock, traits},
#include "core/order/lifecycle.tbl"
#undef CH_STATE
};
const size_t ch_states_n = CH_COUNT(ch_states);

const struct ch_standing_row ch_standings[] = {
#define CH_STANDING(word, label, tone) {word, label, tone},
#include "core/order/lifecycle.tbl"
#undef CH_STANDING
};
const size_t ch_standings_n = CH_COUNT(ch_standings);

const struct ch_transition_row ch_transitions[] = {
#define CH_TRANSITION(event, from, to, who, text) {event, from, to, who, text},
#include "core/order/lifecycle.tbl"
#undef CH_TRANSITION
};
const size_t ch_transitions_n = CH_COUNT(ch_transitions);
