/* SPDX-License-Identifier: Apache-2.0
 * A browser's User-Agent (RFC 9110, 10.1.5) in words that its owner recognises in a list of log-ins. A hint for people:
 * nothing is decided by it. */
#ifndef CH_FORMAT_DEVICE_H
#define CH_FORMAT_DEVICE_H

#include "core/base/arena.h"

/* "Edge 浏览器 · Windows 电脑"; what is not recognised is left out, "未知设备" when nothing is. Never more than 100 characters,
 * never a byte of what was sent. */
const char *ch_device_words(struct ch_arena *a, const char *user_agent);

#endif
