/* SPDX-License-Identifier: Apache-2.0
 * The version and the option --version of every program. */
#include "core/base/version.h"

#include <stdio.h>
#include <string.h>

const char ch_version[] = PACKAGE_VERSION;

bool ch_version_asked(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "--version") != 0)
        return false;
    printf("certhall %s\n", ch_version);
    return true;
}
