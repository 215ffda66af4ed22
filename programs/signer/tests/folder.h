/* SPDX-License-Identifier: Apache-2.0
 * A folder with both hierarchies, for the tests that issue. */
#ifndef SIGNER_TESTS_FOLDER_H
#define SIGNER_TESTS_FOLDER_H

#include "programs/signer/hierarchy.h"

#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BRAND "示范数字证书认证中心"
#define BRAND_SHORT "示范CA"

static char folder[] = "/tmp/certhall-ca-XXXXXX";
static const char *const folder_algorithms[] = {"sm2", "rsa"};

static inline int folder_make(void)
{
    struct ch_fault f = {0};

    if (mkdtemp(folder) == NULL)
        return -1;
    for (size_t i = 0; i < CH_COUNT(folder_algorithms); i++)
        if (hierarchy_make(folder, folder_algorithms[i], BRAND, BRAND_SHORT, &f) != CH_OK) {
            fprintf(stderr, "%s\n", f.detail);
            return -1;
        }
    return 0;
}

static inline int folder_remove(void)
{
    static const char *const names[] = {"passphrase",   "ceremony.txt", "root-sm2.key", "root-sm2.cer", "ca-sm2.key",
                                        "ca-sm2.cer",   "root-rsa.key", "root-rsa.cer", "ca-rsa.key",   "ca-rsa.cer",
                                        "leaf-sm2.p12", "leaf-rsa.p12", "leaf-sm2.cer", "leaf-rsa.cer"};
    char path[128];

    for (size_t i = 0; i < CH_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

#endif
