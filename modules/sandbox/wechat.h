/* SPDX-License-Identifier: Apache-2.0
 * What the files of WeChat Pay's side share. */
#ifndef MODULE_SANDBOX_WECHAT_H
#define MODULE_SANDBOX_WECHAT_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_wechat_sql.h"

/* True when the caller is the merchant. Otherwise the answer is written, and *e what the handler returns. */
bool wechat_admitted(struct ch_req *r, enum ch_err *e);

/* Answers, signed with the key whose serial the request named. Body "" with status 204. */
enum ch_err wechat_finish(struct ch_req *r, int status, const char *body);
/* The same with 200, for what has been taken: the switches may have it end otherwise. */
enum ch_err wechat_taken(struct ch_req *r, const char *body);
enum ch_err wechat_refuse(struct ch_req *r, int status, const char *code, const char *message);
enum ch_err wechat_bad_parameter(struct ch_req *r, const char *field, const char *issue);

/* 6 to 32 characters of those that an order's number may have; a refund's may be longer. */
bool wechat_number_fits(const char *s, size_t least, size_t most);
/* https anywhere, http to loopback: what the sandbox itself may call. */
bool wechat_notify_fits(const char *s);
bool wechat_is(const char *s, const char *wanted);

#endif
