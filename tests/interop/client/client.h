/* SPDX-License-Identifier: Apache-2.0
 * A program that makes one call of a gateway, so that a verifier which is not ours can look at what we send: the operation
 * is named on the command line, its arguments come as JSON, its result goes out as JSON. */
#ifndef TESTS_INTEROP_CLIENT_H
#define TESTS_INTEROP_CLIENT_H

#include "core/gateway/outcome.h"
#include "core/json/json.h"

/* Reads its arguments, calls, writes members of the object that is open. False when the gateway's function did not return
 * CH_OK: `f` says why. */
typedef bool client_op(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out);

#define CLIENT_OP(name, fn) client_op fn;
#include "tests/interop/client/operations.tbl"
#undef CLIENT_OP

/* Writes outcome ("accepted", "refused", "unknown"), code, message, request_id. */
void client_answer(struct ch_jw *out, const struct ch_answer *answer);
/* An argument, or `otherwise` when it is absent. */
const char *client_text(const struct ch_json *in, const char *key, const char *otherwise);
int64_t client_int(const struct ch_json *in, const char *key, int64_t otherwise);

#endif
