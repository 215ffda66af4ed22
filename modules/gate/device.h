/* SPDX-License-Identifier: Apache-2.0
 * Describes a browser by its User-Agent (RFC 9110, 10.1.5), so that people recognize it in their list of log-ins. Nothing else
 * depends on it. */
#ifndef MODULE_GATE_DEVICE_H
#define MODULE_GATE_DEVICE_H

#include "core/base/arena.h"

/* "Edge 浏览器 · Windows 电脑". Unknown parts are left out; "未知设备" when nothing is known. At most 100 characters, none of
 * them copied from the header. */
const char *gate_device_words(struct ch_arena *a, const char *user_agent);

#endif
