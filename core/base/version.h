/* SPDX-License-Identifier: Apache-2.0
 * The version of certhall, which is set in configure.ac only. */
#ifndef CH_BASE_VERSION_H
#define CH_BASE_VERSION_H

#include <stdbool.h>

/* As in "1.0.0". */
extern const char ch_version[];

/* For the beginning of main(): prints the version and returns true when the program was called with --version. */
bool ch_version_asked(int argc, char **argv);

#endif
