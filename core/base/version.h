/* SPDX-License-Identifier: Apache-2.0
 * The version of certhall. It stands in configure.ac alone. */
#ifndef CH_BASE_VERSION_H
#define CH_BASE_VERSION_H

#include <stdbool.h>

/* Like "1.0.0". */
extern const char ch_version[];

/* For the beginning of main(): true when the program was called with --version, which is printed then. */
bool ch_version_asked(int argc, char **argv);

#endif
